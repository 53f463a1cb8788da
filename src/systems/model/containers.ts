/** Owners in containers that share a volume: of another container, a PID proves nothing. */
import { certificatePath, EXIT } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  FIRST_PID,
  foreign,
  isA,
  type Member,
  noEviction,
  noneLeft,
  nothingSignalled,
  type Starting,
  scenariosOf,
  sleepForever,
  start,
} from '../vocabulary/index.ts';
import { noOrphanBesideOwner, oneOwnerServes, SAFETY, TAKEOVER } from './invariants.ts';
import { unsaid } from './preexisting/kinds.ts';
import { claim, EXT4, GONE, inspector, LEFT_CERTIFICATE, leavesSocket } from './preexisting/setup.ts';
import { daemon } from './programs/daemon.ts';
import { actor } from './programs/lock-users.ts';
import { DAEMON, DIRECTORY, ENDPOINT, HELPER, TCP_PORT, TIMING } from './setup.ts';

const BLUE = 'blue';
const GREEN = 'green';
const RED = 'red';

/** When the first owner is ended. */
const END_MS = 2_000;

/** Ends the first daemon, in whose container it runs. */
const killer: Program = async ({ clock, process }) => {
  await clock.sleep(END_MS);
  await process.kill(FIRST_PID + 1, 'SIGKILL');
};

/** Ends the first process. */
const ends: Program = ({ process }) => process.kill(FIRST_PID, 'SIGKILL');
/** Asks the first process of its container to stop. */
const asks: Program = async ({ process }) => process.kill((await process.list())[0]!, 'SIGTERM');

/** A daemon that looks so seldom that only an event can be in time. */
const waiter = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: { ...TIMING, probeEveryMs: 10_000 },
  helper: ['helper'],
});

/** One that gives up soon. */
const impatient = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: { ...TIMING, patienceMs: 1_500 },
  helper: ['helper'],
});

function inside(pidNamespace: string, starting: Starting) {
  return start(starting, { pidNamespace });
}

const BLUE_OWNER = [inside(BLUE, foreign('killer')), inside(BLUE, 'daemon')];

const shared: Member = {
  programs: { killer, waiter, impatient, helper: HELPER, daemon: DAEMON },
  machine: { busyMs: 0 },
  faultsForMs: END_MS + 1_000,
  settleMs: 1_000,
  invariants: [...SAFETY, oneOwnerServes(DIRECTORY, TCP_PORT)],
};

const replacer: Program = async ({ fs }) => {
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'cert-' })) {
    await fs.unlink(`${DIRECTORY}/${name}`);
    await fs.writeFile(`${DIRECTORY}/${name}`, '');
  }
};

/** Leaves a socket at which nothing listens at the name of each certificate: as another view of an overlay filesystem shows it. */
const refuser: Program = async ({ fs, net }) => {
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'cert-' })) {
    const path = `${DIRECTORY}/${name}`;
    await fs.unlink(path);
    await net.close(await net.listen({ kind: 'unix', path }, { unlinkOnClose: false }));
  }
};

/** Supersedes the owner, and has left by then. */
const intruder: Program = async ({ fs }) => {
  await fs.writeFile(`${DIRECTORY}/gen-99`, claim({ kind: 'free', nonce: 'f'.repeat(16) }));
};

/**
 * Supersedes an owner as soon as it is seen to begin, and is killed before it acts: from then on its certificate refuses.
 *
 * @param everyMs how often it looks
 */
const usurper =
  (everyMs: number): Program =>
  async ({ clock, fs, net, process }) => {
    while (!(await fs.exists(DIRECTORY))) await clock.sleep(everyMs);
    const { bootId, pidNamespace, hostname } = await process.self();
    const gone = { ...GONE, nonce: 'dead000000000000', bootId, pidNamespace, hostname };
    const path = certificatePath(DIRECTORY, gone);
    const certificate = await net.listen({ kind: 'unix', path }, { unlinkOnClose: false });
    await fs.writeFile(`${DIRECTORY}/next`, claim({ ...gone, certificate: true, filesystem: EXT4 }));
    while (!(await fs.exists(`${DIRECTORY}/gen-2`))) await clock.sleep(everyMs);
    await fs.rename(`${DIRECTORY}/next`, `${DIRECTORY}/gen-9`);
    await net.close(certificate);
  };

const SOCKET = 'sock-999-5-0123abcd';
const SOCKET_GONE = 'socket-gone';

/** An owner's Unix endpoint: nothing in its name says that the PID is that of a process in another container. */
const listens: Program = async ({ clock, fs, mark, net }) => {
  const path = `${DIRECTORY}/${SOCKET}`;
  await net.listen({ kind: 'unix', path });
  await clock.sleep(2 * TIMING.tidyEveryMs);
  if (!(await fs.exists(path))) mark(SOCKET_GONE);
  return sleepForever({ clock });
};

const EXPIRED = 'cert-999-5-0123abcd';
const noneIsLeft = unsaid(LEFT_CERTIFICATE);

const noneWaits = noneLeft(
  'a start that finds the lock held leaves',
  (process, { currentClaims }) => process.alive && currentClaims[0]?.process !== process,
  ({ name }) => `${name} still waits`,
);

const blocked = eventually('a start that cannot reach the owner says so', ({ processes }) => {
  const wrong = processes.find((each) => isA(each, 'impatient') && each.exitCode !== EXIT.blocked);
  return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
});

const usurped = (everyMs: number) => ({
  programs: { usurper: usurper(everyMs) },
  start: [inside(GREEN, 'daemon'), inside(BLUE, foreign('usurper')), at(2_000, inside(RED, 'daemon'))],
  faultsForMs: 2_500,
  settleMs: 3_000,
  invariants: [TAKEOVER],
});

const DAEMONS = scenariosOf('model/containers', shared, {
  crashed: {
    about:
      'the owner in a container is killed; a start in another container, with other PIDs, takes over at once',
    start: [...BLUE_OWNER, at(END_MS + 500, inside(GREEN, 'daemon'))],
    invariants: [TAKEOVER],
  },
  'crashed-outside': {
    about: 'the same, and the next start is in no container',
    start: [...BLUE_OWNER, at(END_MS + 500, 'daemon')],
    invariants: [TAKEOVER],
  },
  'passed-through': {
    about:
      'the owner is killed, and one in a container, which cannot see its orphans, owns and leaves: the next one outside ends them first',
    programs: { ends, asks },
    start: [
      'daemon',
      at(END_MS, foreign('ends')),
      at(END_MS + 500, inside(GREEN, 'daemon')),
      at(END_MS + 1_500, inside(GREEN, foreign('asks'))),
      afterFaults('daemon'),
    ],
    faultsForMs: END_MS + 2_500,
    invariants: [TAKEOVER, noOrphanBesideOwner(DIRECTORY)],
  },
  outlived: {
    about: 'a start waits for the owner in another container, and takes over the moment that one is killed',
    start: [...BLUE_OWNER, at(1_000, inside(GREEN, 'waiter'))],
    invariants: [TAKEOVER],
  },
  replaced: {
    about: 'the name of the certificate of an owner that lives has become that of a file',
    programs: { replacer },
    start: [
      inside(BLUE, 'daemon'),
      at(400, inside(BLUE, foreign('replacer'))),
      at(500, inside(GREEN, 'impatient')),
    ],
    invariants: [nothingSignalled, noEviction, blocked],
  },
  refused: {
    about:
      'connections to the certificate of an owner are refused, and its process is there: it is alive, and stays',
    programs: { refuser },
    start: ['daemon', at(400, foreign('refuser')), at(500, 'daemon')],
    invariants: [nothingSignalled, noEviction],
  },
  expired: {
    about: 'the certificate of an owner that was killed before the next one came is removed',
    programs: { leavesSocket: leavesSocket(`${DIRECTORY}/${EXPIRED}`), inspector: inspector(EXPIRED) },
    machine: { busyMs: 0, files: { [DIRECTORY]: null } },
    start: [foreign('leavesSocket'), at(100, 'daemon'), foreign(at(1_400, 'inspector'))],
    faultsForMs: 500,
    settleMs: 1_000,
    invariants: [noneIsLeft],
  },
  superseded: {
    about:
      'an owner in a container is superseded, and leaves; a start in another one finds its claim below the newest',
    programs: { intruder },
    start: [
      inside(BLUE, 'daemon'),
      at(500, inside(BLUE, foreign('intruder'))),
      at(2_000, inside(GREEN, 'daemon')),
    ],
    faultsForMs: 2_500,
    settleMs: 3_000,
  },
  'dead-above': {
    about:
      'a contender in a container supersedes the owner in another one, which tidies up, and is killed; a start in a third one owns',
    ...usurped(10),
  },
  overtaken: {
    about: 'the same, while the owner publishes its claim again',
    ...usurped(0.02),
  },
  'listens-elsewhere': {
    about: 'a socket at which a process in another container listens is not litter',
    programs: { listens },
    start: [inside(GREEN, 'daemon'), at(400, inside(BLUE, foreign('listens')))],
    faultsForMs: 500,
    settleMs: 2 * TIMING.tidyEveryMs + 500,
    invariants: [unsaid(SOCKET_GONE)],
  },
  lives: {
    about:
      'a start in another container cannot reach the endpoint of an owner that lives: it leaves it alone',
    start: [inside(BLUE, 'daemon'), at(500, inside(GREEN, 'impatient'))],
    invariants: [nothingSignalled, noEviction, blocked],
  },
});

const LOCKS = scenariosOf(
  'model/containers',
  { ...shared, invariants: SAFETY },
  {
    relocked: {
      about: 'a lock that is held in one container is held in another, and a start there learns that at once',
      programs: { holder: actor(20, 500, EXIT.fenced) },
      start: [inside(BLUE, 'holder'), at(500, inside(GREEN, 'holder'))],
      invariants: [sometimes('a contender lost', 'lost'), unsaid('fenced'), noneWaits],
    },
  },
);

export const CONTAINERS: readonly Scenario[] = [...DAEMONS, ...LOCKS];
