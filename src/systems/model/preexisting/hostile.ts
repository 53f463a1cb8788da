/** What another user can put in the way: claims that name victims, links, directories of its own, addresses elsewhere. */
import { EXIT, parseClaim, temporaryPath } from '../../../model/index.ts';
import type { Address, FsPort, Ports, Program } from '../../../ports/index.ts';
import { eventually, type Scenario } from '../../../scenario/index.ts';
import {
  listensAt,
  nothingSignalled,
  scenariosOf,
  sleepForever,
  start,
  times,
} from '../../vocabulary/index.ts';
import { oneOwnerServes, SAFETY, SAFETY_WITHOUT_OWNER } from '../invariants.ts';
import { DIRECTORY, TCP_PORT } from '../setup.ts';
import { allEndWith, claimStands, found, leftAlone, noOwner, unsaid } from './kinds.ts';
import { ANOTHER_USER, claim, LATER, NO_PID, NONCE, state } from './setup.ts';

const PRECIOUS = '/etc/precious';
const PARENT = '/run';
const ELSEWHERE: Address = { kind: 'tcp', host: '192.0.2.1', tcpPort: 80 };

/** Puts something in the way, and stays: it has PID 1001, so that a claim can name it. */
function attacker(attack: (fs: FsPort, ports: Ports) => Promise<unknown>): Program {
  return async (ports) => {
    await attack(ports.fs, ports);
    return sleepForever(ports);
  };
}

/** It names the process of root with PID 1001 as a hung owner that has left a challenge unanswered. */
async function nameVictim(fs: FsPort): Promise<void> {
  await fs.writeFile(`${DIRECTORY}/gen-1`, claim({ command: ['attacker'] }));
  const challenge = claim({ kind: 'challenge', nonce: 'b'.repeat(16), challenges: NONCE });
  await fs.writeFile(`${DIRECTORY}/gen-2`, challenge);
}

const ownsDirectory = attacker(async (fs) => {
  await fs.mkdir(PARENT);
  await fs.mkdir(DIRECTORY);
  await nameVictim(fs);
  await fs.chown(DIRECTORY, ANOTHER_USER, ANOTHER_USER);
});

const opensDirectory = attacker(async (fs) => {
  await fs.mkdir(PARENT);
  await fs.mkdir(DIRECTORY);
  await fs.chmod(DIRECTORY, 0o777);
  await nameVictim(fs);
});

/** A directory with other files, which others can read; one that could be the home of a user. */
const readsDirectory = attacker(async (fs) => {
  await fs.mkdir(PARENT);
  await fs.mkdir(DIRECTORY);
  await fs.writeFile(`${DIRECTORY}/.profile`, '');
});

/** Looks who may do what in the state directory of an owner at work. */
const inspector: Program = async ({ clock, fs, mark }) => {
  await clock.sleep(1_000);
  if (((await fs.lstat(DIRECTORY)).mode & 0o077) !== 0) mark('open');
};

/** The state directory is in order, but the one above belongs to the attacker. */
const ownsParent = attacker(async (fs) => {
  await fs.mkdir(PARENT);
  await fs.mkdir(DIRECTORY);
  await nameVictim(fs);
  await fs.chown(PARENT, ANOTHER_USER, ANOTHER_USER);
});

/** A claim that names a process of root, in a file of another user. */
const ownsClaim = attacker(async (fs) => {
  await fs.mkdir(PARENT);
  await fs.mkdir(DIRECTORY, { mode: 0o700 });
  await nameVictim(fs);
  for (const name of ['gen-1', 'gen-2']) await fs.chown(`${DIRECTORY}/${name}`, ANOTHER_USER, ANOTHER_USER);
});

/** Puts a link where the owner will write next, as soon as it knows the name. */
const linksAhead = attacker(async (fs, { clock }) => {
  await clock.sleep(1_000);
  const names = await fs.readdir(DIRECTORY, { prefix: 'gen-' });
  const newest = parseClaim(await fs.readFile(`${DIRECTORY}/${names[0]}`))!;
  await fs.symlink(PRECIOUS, temporaryPath(DIRECTORY, newest));
  const challenge = claim({ kind: 'challenge', nonce: 'c'.repeat(16), challenges: newest.nonce });
  await fs.writeFile(`${DIRECTORY}/gen-9`, challenge);
});

const preciousStays = eventually('a file elsewhere is not overwritten', (world) =>
  world.files()[PRECIOUS] === 'precious' ? null : `it is ${JSON.stringify(world.files()[PRECIOUS])}`,
);

const notAsked = eventually('no connection leaves the machine', ({ marks }) =>
  marks.has('asked') ? 'an address elsewhere was asked' : null,
);

/** A listener elsewhere, which would answer as the owner of the claim. */
const elsewhere: Program = async (ports, argv) => {
  const listen = listensAt(ELSEWHERE, { status: 200, body: `{"nonce":"${NONCE}"}` });
  const { net } = ports;
  const watched = new Proxy(net, {
    get(_, name: keyof typeof net) {
      const member: unknown = net[name];
      if (typeof member !== 'function') return member;
      if (name !== 'answer') return member.bind(net);
      return (...args: unknown[]) => {
        ports.mark('asked');
        return member.apply(net, args);
      };
    },
  });
  return listen({ ...ports, net: watched }, argv);
};

const ROOT_AS = (program: string) => start(program, { foreign: true });

const refused = {
  ...found,
  machine: { busyMs: 0 },
  invariants: [
    ...SAFETY_WITHOUT_OWNER,
    noOwner,
    nothingSignalled,
    allEndWith('all contenders refuse the directory', EXIT.stateUnusable),
  ],
};

const REFUSED = scenariosOf('model/found', refused, {
  'directory-of-another': {
    about: 'another user’s directory, with a claim that names a process of ours',
    programs: { attacker: ownsDirectory },
    start: [ROOT_AS('attacker'), LATER],
  },
  'open-directory': {
    about: 'a directory of ours that others can write, with a claim that names a process of ours',
    programs: { attacker: opensDirectory },
    start: [ROOT_AS('attacker'), LATER],
  },
  'readable-directory': {
    about: 'a directory of ours that others can read, with other files: it is not changed',
    programs: { attacker: readsDirectory },
    start: [ROOT_AS('attacker'), LATER],
  },
  'replaceable-directory': {
    about: 'a directory of ours in a directory of another user, who can put another one in its place',
    programs: { attacker: ownsParent },
    start: [ROOT_AS('attacker'), LATER],
  },
});

const withstood = {
  ...found,
  machine: { busyMs: 0 },
  settleMs: 8_000,
  invariants: [...SAFETY, oneOwnerServes(DIRECTORY, TCP_PORT), nothingSignalled],
};

const WITHSTOOD = scenariosOf('model/found', withstood, {
  'claim-of-another': {
    about: 'a claim in a file of another user that names a process of ours',
    programs: { attacker: ownsClaim },
    start: [ROOT_AS('attacker'), LATER],
  },
  'directory-of-mkdir': {
    about: 'a directory of ours that others can read, with files of ours only: it is closed to them',
    machine: state({ 'gen-1': claim({ pid: NO_PID }) }),
    programs: { inspector },
    start: [ROOT_AS('inspector'), 'daemon'],
    invariants: [unsaid('open')],
  },
  'link-in-the-way': {
    about: 'a symbolic link where an owner will write its next claim',
    machine: { files: { [PRECIOUS]: 'precious' } },
    programs: { attacker: linksAhead },
    start: [ROOT_AS('attacker'), 'daemon'],
    invariants: [preciousStays],
  },
});

const ALONE = scenariosOf('model/found', leftAlone, {
  'endpoint-elsewhere': {
    about: 'a claim whose endpoint is on another machine, where something answers as its owner',
    machine: state({ 'gen-1': claim({ endpoint: ELSEWHERE, command: ['elsewhere'] }) }),
    programs: { elsewhere },
    start: [ROOT_AS('elsewhere'), times(2, 'daemon')],
    invariants: [claimStands, notAsked],
  },
});

export const HOSTILE: readonly Scenario[] = [...REFUSED, ...WITHSTOOD, ...ALONE];
