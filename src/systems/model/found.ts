import {
  always,
  eventually,
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../check/index.ts';
import { becomeOwner, type Claim, EXIT, healthBody, parseClaim } from '../../model/index.ts';
import { type Answer, hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { daemon } from './daemon.ts';
import {
  headOf,
  healthyOwnerStays,
  nobodyEvicted,
  noOrphan,
  noOrphanBesideOwner,
  noStaleState,
  oneOwnerServes,
  SAFETY,
} from './invariants.ts';
import { DAEMON, DIRECTORY, ENDPOINT, HELPER, TCP_PORT, TIMING } from './setup.ts';

/** Who is named first among the starts, and when it has started, in clock ticks. */
const FIRST_PID = 1_001;
const FIRST_TICKS = 100_000;
/** Nobody bears it, nor has ever. */
const NO_PID = 999;
const NONCE = 'a1b2c3d4e5f60718';
/** Ahead of the clock of the simulated machine, as after it was put back. */
const TOKEN_AHEAD = Date.UTC(2030, 0, 1);

/** A claim that the first process, `sleeper`, has made, unless said otherwise. */
function claim(differs: Partial<Claim> = {}): string {
  const made: Claim = {
    kind: 'owner',
    token: 1,
    nonce: NONCE,
    pid: FIRST_PID,
    startTicks: FIRST_TICKS,
    bootId: '00000000-0000-4000-8000-000000000001',
    pidNamespace: 'pid:[1]',
    hostname: 'machine',
    uid: 0,
    command: ['sleeper'],
    endpoint: ENDPOINT,
    challenges: null,
    ...differs,
  };
  return `${JSON.stringify(made)}\n`;
}

const DEAD = claim({ pid: NO_PID, nonce: 'dead000000000000' });

const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** Files of the state directory. */
function state(files: Readonly<Record<string, string | null>>): { files: Record<string, string | null> } {
  return {
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`${DIRECTORY}/${name}`, text])),
  };
}

/** Two daemons come upon what somebody else has left. */
function foundScenario(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return scenario({
    faultsForMs: 500,
    settleMs: 2_000,
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'daemon', count: 2 },
    ],
    invariants: [],
    ...options,
    programs: { sleeper, helper: HELPER, daemon: DAEMON, ...options.programs },
  });
}

/** Within two seconds, that is without waiting for a silence, one of them owns. */
function takenOver(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return foundScenario({
    ...options,
    invariants: [...SAFETY, oneOwnerServes(DIRECTORY, TCP_PORT), ...(options.invariants ?? [])],
  });
}

/** Nobody owns, nobody is touched, and the exit code says so. */
function leftAlone(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return foundScenario({
    settleMs: 25_000,
    ...options,
    invariants: [...SAFETY, nobodyOwns, allBlocked, noClaimIsLeft, ...(options.invariants ?? [])],
  });
}

const nobodyOwns = always(
  'nobody owns',
  ({ currentClaims }) => {
    const owner = currentClaims.find(({ process }) => !process.foreign);
    return owner === undefined ? null : `${owner.process.name} owns`;
  },
  { when: 'change' },
);

const allBlocked = eventually('all that came are blocked', ({ processes }) => {
  const wrong = processes.find(({ foreign, name, exitCode }) => {
    return !foreign && name.startsWith('daemon#') && exitCode !== EXIT.blocked;
  });
  return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
});

const noClaimIsLeft = eventually('who was blocked has withdrawn its claim', (world) => {
  const claim = headOf(DIRECTORY, world);
  const blocked = world.processes.find(({ foreign, pid }) => !foreign && pid === claim?.pid);
  return claim?.kind === 'owner' && blocked ? `the newest claim is that of ${blocked.name}` : null;
});

/** Nobody publishes anything beside a claim that they may not challenge. */
const claimStands = always(
  'the claim is not even challenged',
  (world) => {
    const claims = Object.keys(world.files()).filter((path) => path.startsWith(`${DIRECTORY}/gen-`));
    return claims.length === 1 ? null : `there are ${claims.join(', ')}`;
  },
  { when: 'change' },
);

const tokensGrow = always(
  'tokens only grow',
  ({ currentClaims }) => {
    const low = currentClaims.find(({ token }) => token === null || token <= TOKEN_AHEAD);
    return low === undefined
      ? null
      : `${low.process.name} owns under token ${low.token}, not above ${TOKEN_AHEAD}`;
  },
  { when: 'change' },
);

/** From the moment at which it is visible. */
const claimsAreWhole = always('every claim is whole', (world) => {
  const torn = Object.entries(world.files()).find(([path, text]) => {
    return path.startsWith(`${DIRECTORY}/gen-`) && parseClaim(text ?? '') === null;
  });
  return torn === undefined ? null : `${torn[0]} is ${JSON.stringify(torn[1])}`;
});

const stateIsUsable = always(
  'nobody finds the state unusable',
  ({ marks }) => (marks.has('unusable') ? 'somebody has ended with an error of the file system' : null),
  { when: 'change' },
);

function unsaid(mark: string): Invariant {
  return always(`nobody says "${mark}"`, ({ marks }) => (marks.has(mark) ? 'somebody has' : null), {
    when: 'change',
  });
}

const askedFirst = eventually('who is evicted is asked to end first', ({ processes }) => {
  const forced = processes.find(({ exitSignal }) => exitSignal === 'SIGKILL');
  return forced === undefined ? null : `${forced.name} was ended by SIGKILL`;
});

function filesStay(names: readonly string[]): Invariant {
  return eventually('files of others stay', (world) => {
    const files = world.files();
    const gone = names.filter((name) => !(`${DIRECTORY}/${name}` in files));
    return gone.length === 0 ? null : `gone: ${gone.join(', ')}`;
  });
}

function filesGo(names: readonly string[]): Invariant {
  return eventually('litter and old claims go', (world) => {
    const files = world.files();
    const left = names.filter((name) => `${DIRECTORY}/${name}` in files);
    return left.length === 0 ? null : `left: ${left.join(', ')}`;
  });
}

const FOREIGN_FILES = [
  'notes',
  'gen-x',
  'gen-010',
  'gen-12.bak',
  'my-gen-12',
  'tmp-12-34-zz',
  'mytmp-12-34-ab',
];
const OLD_FILES = ['gen-9', 'gen-10', 'tmp-999-34-ab', 'sock-999-34-ab'];

const WORK_OF_THE_LIVING = `tmp-${FIRST_PID}-${FIRST_TICKS}-ab`;
const WORK_OF_THE_DEAD = `tmp-${FIRST_PID}-${FIRST_TICKS - 1}-ab`;

/** Serves at the endpoint whatever is asked, with one answer after the other. */
async function answerInTurn({ net }: Ports, answers: readonly Answer[]): Promise<never> {
  const listener = await net.listen(ENDPOINT);
  for (let turn = 0; ; turn++) {
    const { request } = await net.accept(listener);
    try {
      await net.answer(request, answers[turn % answers.length]!);
    } catch (error) {
      // Whoever asked has gone.
      if (!isSystemError(error)) throw error;
    }
  }
}

/** None of them says who answers. */
const NONSENSE: readonly Answer[] = [
  { status: 200, body: '{}' },
  { status: 200, body: 'null' },
  { status: 200, body: '{"nonce":' },
  { status: 200, body: '{"nonce":7}' },
  { status: 503, body: healthBody(NONCE) },
];

const squatter: Program = (ports) => answerInTurn(ports, NONSENSE);

/** The first process does what is said, all others are daemons, under one and the same command line. */
function firstOf(first: Program): Program {
  return async (ports, argv) => {
    const { pid } = await ports.process.self();
    return pid === FIRST_PID ? first(ports, argv) : DAEMON(ports, argv);
  };
}

const FIRST_AND_LATER: ScenarioOptions['start'] = [
  { program: 'daemon', foreign: true },
  { program: 'daemon', atMs: 100 },
];

/** Owns, listens, looks whether it still owns, and never answers. */
const hung: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.blocked;
  contest.owner.serves();
  do await ports.clock.sleep(TIMING.selfCheckMs);
  while (await contest.owner.isCurrent());
  return EXIT.fenced;
};

/** Starts a daemon and never asks after it: what has ended stays a zombie. */
const careless: Program = async ({ process }) => {
  const { pid } = await process.self();
  await process.spawn(['daemon']);
  await process.kill(pid, 'SIGSTOP');
};

/** Ends the first daemon there is. */
const murderer: Program = async ({ process }) => {
  for (const pid of await process.list()) {
    const { command } = await process.info(pid);
    if (command[0] !== 'daemon') continue;
    await process.kill(pid, 'SIGKILL');
    return;
  }
};

/** Ends after the faults. */
const leaver: Program = async ({ clock }) => {
  await clock.sleep(1_000);
};

/** Stops the owner for a while, and does something to its claims meanwhile. */
function meddler(stopMs: number, meddle: (fs: Ports['fs']) => Promise<unknown> = async () => {}): Program {
  return async ({ clock, fs, process }) => {
    const owner = FIRST_PID + 1;
    try {
      await clock.sleep(1_000);
      await process.kill(owner, 'SIGSTOP');
      await meddle(fs);
      await clock.sleep(stopMs);
      await process.kill(owner, 'SIGCONT');
    } catch (error) {
      // It takes no part in this run.
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  };
}

/** Longer than an owner may be silent, and not so long that its challenge is over. */
const SHORT_STOP_MS = TIMING.bootGraceMs + 900;

async function tearAll(fs: Ports['fs']): Promise<void> {
  for (const name of await fs.readdir(DIRECTORY)) await fs.writeFile(`${DIRECTORY}/${name}`, '{');
}

/** Puts a claim of the highest number there, and takes it away after a while. */
const planter: Program = async ({ clock, fs }) => {
  await clock.sleep(1_000);
  await fs.writeFile(`${DIRECTORY}/gen-999999999999999`, 'not a claim');
  await clock.sleep(1_500);
  await fs.unlink(`${DIRECTORY}/gen-999999999999999`);
};

/** Owns the lock, lets it go, and lives on. */
const retired: Program = async (ports, argv) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
  if (contest.kind === 'owner') await contest.owner.release();
  return sleeper(ports, argv);
};

/** Acts whenever it may, and asks again when it may not. */
const insistent: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.done;
  for (let deed = 0; deed < 40; deed++) {
    await contest.owner.act(() => {});
    await ports.clock.sleep(50);
  }
  return EXIT.done;
};

/** Holds the lock for longer than any grace. */
const holder: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.done;
  for (let deed = 0; deed < 12; deed++) {
    if (!(await contest.owner.act(() => {}))) return EXIT.fenced;
    await ports.clock.sleep(500);
  }
  await contest.owner.release();
  return EXIT.done;
};

/** Puts another claim in the place of the newest one, and takes it away again. */
const usurper: Program = async (ports) => {
  const { clock, fs } = ports;
  await clock.sleep(500);
  const [name] = (await fs.readdir(DIRECTORY))
    .filter((entry) => entry.startsWith('gen-'))
    .sort()
    .reverse();
  const path = `${DIRECTORY}/${name}`;
  const text = await fs.readFile(path);
  await fs.writeFile(path, claim({ nonce: 'dead000000000000' }));
  // Whoever looks from now on is not the owner any more.
  await clock.sleep(50);
  ports.mark('own', { token: TOKEN_AHEAD });
  await clock.sleep(500);
  await fs.writeFile(path, text);
  await clock.sleep(1_000);
};

/** Asks the first daemon to stop. */
const stopper: Program = async ({ clock, process }) => {
  await clock.sleep(1_000);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it when it has just begun to wait: who looks only now and then is too late. */
const ASKED_AFTER_MS = 1_100;
const GONE_WITHIN_MS = 100;

const asker: Program = async ({ clock, process }) => {
  await clock.sleep(ASKED_AFTER_MS);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it at whatever moment the schedule wills. */
const hasty: Program = async ({ process }) => {
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it when it has just begun to own, its helper about to start: that is when it clears away its first claim. */
const prompt: Program = async ({ clock, fs, process }) => {
  while (!(await fs.readdir('/run')).includes('one')) await clock.sleep(0.1);
  while (!(await fs.readdir(DIRECTORY)).includes('gen-2')) await clock.sleep(0.1);
  while ((await fs.readdir(DIRECTORY)).includes('gen-1')) await clock.sleep(0.04);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

const leftWhenAsked = eventually('who is asked to stop leaves at once', ({ processes }) => {
  const asked = processes.find(({ pid }) => pid === FIRST_PID + 1);
  // Before its first step it has no say in it.
  if (asked === undefined || asked.exitCode === EXIT.done || asked.exitSignal === 'SIGTERM') return null;
  return `${asked.name} is ${asked.state}, exit code ${asked.exitCode}`;
});

const nothingIsClaimed = eventually('who has left claims nothing', (world) => {
  const claim = headOf(DIRECTORY, world);
  return claim?.kind === 'owner' ? `the newest claim is that of PID ${claim.pid}` : null;
});

/** Takes the first owner and all its claims away. */
const eraser: Program = async ({ clock, fs, process }) => {
  await clock.sleep(1_000);
  await process.kill(FIRST_PID + 1, 'SIGKILL');
  for (const name of await fs.readdir(DIRECTORY)) await fs.unlink(`${DIRECTORY}/${name}`);
};

const SEEN = '/run/seen';

/** Fails to start every other time, and ends after a while in between. */
const moody: Program = async ({ fs, clock }) => {
  try {
    await fs.unlink(SEEN);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await fs.writeFile(SEEN, '');
    return 1;
  }
  await clock.sleep(700);
  return 0;
};

const linker: Program = async ({ fs }) => fs.symlink('/nowhere', `${DIRECTORY}/gen-2`);

/** Listens where it wants to be the owner, before it is. */
const early: Program = async (ports, argv) => {
  await ports.net.listen(ENDPOINT);
  return DAEMON(ports, argv);
};

/** What a start may come upon: claims of others, claims that are none, other processes. */
export const FOUND: readonly Scenario[] = [
  takenOver({
    id: 'model/found/dead-owner',
    about: "another user's dead owner, a clock that was put back, files of strangers",
    machine: state({
      ...Object.fromEntries(FOREIGN_FILES.map((name) => [name, 'not ours'])),
      'gen-9': claim({ pid: NO_PID, nonce: '0123456789abcdef' }),
      'gen-10': claim({ pid: NO_PID, uid: 1_000, token: TOKEN_AHEAD }),
      'tmp-999-34-ab': '',
      'sock-999-34-ab': '',
    }),
    invariants: [tokensGrow, filesStay(FOREIGN_FILES), filesGo(OLD_FILES)],
  }),
  takenOver({
    id: 'model/found/work-of-others',
    about:
      'files that a process which lives has not published yet, and those of one that bore its PID before',
    machine: state({ [WORK_OF_THE_LIVING]: '', [WORK_OF_THE_DEAD]: '' }),
    invariants: [filesStay([WORK_OF_THE_LIVING]), filesGo([WORK_OF_THE_DEAD])],
  }),
  takenOver({
    id: 'model/found/silent-owner',
    about: 'an owner that lives and does not answer, and a clock that was put back',
    settleMs: 8_000,
    machine: state({ 'gen-1': claim({ token: TOKEN_AHEAD }) }),
    start: [{ program: 'sleeper' }, { program: 'daemon' }, { program: 'daemon', phase: 'settle' }],
    invariants: [tokensGrow, askedFirst, sometimes('a former owner was evicted', 'evict')],
  }),
  takenOver({
    id: 'model/found/free',
    about: 'a claim that was given up by a process that lives on',
    machine: state({ 'gen-3': claim({ kind: 'free' }), 'gen-2': claim() }),
    invariants: [noStaleState(DIRECTORY), claimsAreWhole, stateIsUsable],
  }),
  takenOver({
    id: 'model/found/other-boot',
    about: 'a claim of before a restart, whose PID and start time a stranger bears',
    machine: state({ 'gen-1': claim({ bootId: 'before' }) }),
  }),
  takenOver({
    id: 'model/found/unreadable',
    about: 'claims that are none: empty, torn, too long, of another shape, a directory',
    settleMs: 8_000,
    machine: state({
      'gen-1': '',
      'gen-2': DEAD.slice(0, 40),
      'gen-3': '{"kind":"owner"}',
      'gen-4': '[]',
      'gen-5': 'null',
      'gen-6': '\u0000\u001b[2J',
      'gen-7': null,
      'gen-8': claim({ token: 1.5 }),
      'gen-9': claim({ kind: 'free' }).padEnd(9_000),
    }),
    invariants: [
      always(
        'what cannot be read has its time',
        ({ nowMs, currentClaims }) =>
          nowMs < TIMING.bootGraceMs && currentClaims.length > 0 ? `owned after ${nowMs} ms` : null,
        { when: 'change' },
      ),
    ],
  }),
  takenOver({
    id: 'model/found/zombie',
    about: 'an owner that has ended and that nobody has asked after',
    faultsForMs: 3_500,
    settleMs: 0,
    machine: {},
    programs: { careless, murderer },
    start: [
      { program: 'careless', foreign: true },
      { program: 'murderer', foreign: true, atMs: 1_000 },
      { program: 'daemon', atMs: 1_500 },
    ],
    invariants: [sometimes('a takeover happened', 'takeover')],
  }),
  takenOver({
    id: 'model/found/orphans',
    about: 'children of owners that are gone, that live, of other directories, of other users',
    machine: state({ 'gen-1': DEAD }),
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'sleeper', argv: [`--one-survivor-owner=${NO_PID}.5:${DIRECTORY}`] },
      { program: 'sleeper', argv: [`--one-survivor-owner=${NO_PID}.5:/run/two`], foreign: true },
      {
        program: 'sleeper',
        argv: [`--one-survivor-owner=${NO_PID}.5:${DIRECTORY}`],
        foreign: true,
        uid: 1_000,
      },
      {
        program: 'sleeper',
        argv: [`--one-survivor-owner=${FIRST_PID}.${FIRST_TICKS}:${DIRECTORY}`],
        foreign: true,
      },
      { program: 'daemon', argv: [`--one-survivor-owner=${NO_PID}.5:${DIRECTORY}`] },
      { program: 'daemon', argv: [`--one-survivor-owner=${NO_PID}.5:${DIRECTORY}`], phase: 'settle' },
    ],
    invariants: [noOrphanBesideOwner(DIRECTORY), sometimes('an orphan was reaped', 'reaped')],
  }),
  takenOver({
    id: 'model/found/many-words',
    about: 'a command line of thousands of empty words: the claim must still be readable',
    machine: {},
    start: [{ program: 'daemon', argv: Array.from({ length: 4_000 }, () => '') }],
  }),
  leftAlone({
    id: 'model/found/other-host',
    about: 'a claim of another machine; here a stranger bears its PID',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }),
    invariants: [claimStands],
  }),
  takenOver({
    id: 'model/found/renamed-machine',
    about: 'a claim of a dead process of this machine, which had another host name then',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', pid: NO_PID }) }),
  }),
  leftAlone({
    id: 'model/found/other-namespace',
    about: 'a claim of another container; here a stranger bears its PID',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }) }),
    invariants: [claimStands],
  }),
  leftAlone({
    id: 'model/found/last-generation',
    about: 'a claim with the highest number that a name can bear',
    machine: state({ 'gen-999999999999999': DEAD }),
    invariants: [claimStands],
  }),
  leftAlone({
    id: 'model/found/last-token',
    about: 'a claim with the highest token that can be counted',
    machine: state({ 'gen-1': claim({ pid: NO_PID, token: Number.MAX_SAFE_INTEGER }) }),
    invariants: [claimStands],
  }),
  takenOver({
    id: 'model/found/planted-generation',
    about: 'somebody puts a claim of the highest number beside an owner',
    settleMs: 5_000,
    machine: { busyMs: 0 },
    programs: { planter },
    start: [
      { program: 'planter', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 3_000 },
    ],
  }),
  leftAlone({
    id: 'model/found/hidden-elsewhere',
    about: 'a claim of another container below that of a dead owner',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }), 'gen-2': DEAD }),
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'daemon', count: 2 },
      { program: 'daemon', phase: 'settle', atMs: 15_000 },
    ],
  }),
  leftAlone({
    id: 'model/found/other-user',
    about: 'an owner of another user that does not answer',
    machine: state({ 'gen-1': claim({ uid: 1_000 }) }),
    start: [
      { program: 'sleeper', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2 },
    ],
    invariants: [claimStands],
  }),
  leftAlone({
    id: 'model/found/forged-user',
    about: "a claim of ours that names another user's process",
    machine: state({ 'gen-1': claim() }),
    start: [
      { program: 'sleeper', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2 },
    ],
  }),
  leftAlone({
    id: 'model/found/planted-claim',
    about: "another user's claim that names a process of ours",
    machine: state({ 'gen-1': claim({ uid: 1_000 }), 'gen-2': DEAD }),
  }),
  leftAlone({
    id: 'model/found/other-command',
    about: 'a claim that names a process of another command line, which answers nonsense',
    machine: state({ 'gen-1': claim({ command: ['other'] }) }),
    programs: { squatter },
    start: [
      { program: 'squatter', foreign: true },
      { program: 'daemon', count: 2 },
    ],
  }),
  leftAlone({
    id: 'model/found/longer-command',
    about: 'a claim that names a process of the same command, with other arguments',
    machine: state({ 'gen-1': claim({ command: ['sleeper', '--really'] }) }),
  }),
  leftAlone({
    id: 'model/found/foreign-listener',
    about: "another user's process of the same command listens on the TCP port",
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(squatter) },
    start: [
      { program: 'daemon', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2, atMs: 100 },
    ],
  }),
  leftAlone({
    id: 'model/found/other-directory',
    about: 'the same daemon on the same TCP port, with a state directory of its own',
    machine: { busyMs: 0 },
    programs: {
      daemon: firstOf(daemon({ directory: '/run/two', endpoint: ENDPOINT, timing: TIMING, helper: null })),
    },
    start: FIRST_AND_LATER,
    invariants: [],
  }),
  leftAlone({
    id: 'model/found/own-listener',
    about: 'a contender that listens on the TCP port already, itself',
    machine: {},
    programs: { daemon: early },
    start: [{ program: 'daemon' }],
  }),
  leftAlone({
    id: 'model/found/stranger-listener',
    about: 'a process of another command, child of an owner that lives, listens on the TCP port',
    machine: { busyMs: 0 },
    programs: { squatter },
    start: [
      { program: 'sleeper', foreign: true },
      {
        program: 'squatter',
        argv: [`--one-survivor-owner=${FIRST_PID}.${FIRST_TICKS}:${DIRECTORY}`],
        foreign: true,
      },
      { program: 'daemon', count: 2, atMs: 100 },
    ],
  }),
  takenOver({
    id: 'model/found/orphan-listener',
    about: 'the TCP port is held by a child whose owner ends while we wait',
    machine: { busyMs: 0 },
    programs: {
      leaver,
      daemon: async (ports, argv) =>
        ((await ports.process.self()).pid === FIRST_PID + 1 ? squatter : DAEMON)(ports, argv),
    },
    start: [
      { program: 'leaver', foreign: true },
      { program: 'daemon', argv: [`--one-survivor-owner=${FIRST_PID}.${FIRST_TICKS}:${DIRECTORY}`] },
      {
        program: 'daemon',
        argv: [`--one-survivor-owner=${FIRST_PID}.${FIRST_TICKS}:${DIRECTORY}`],
        phase: 'settle',
      },
    ],
  }),
  takenOver({
    id: 'model/found/dangling-link',
    about: 'the newest claim is a symbolic link to nowhere',
    settleMs: 8_000,
    machine: { ...state({ 'gen-1': DEAD }), busyMs: 0 },
    programs: { linker },
    start: [
      { program: 'linker', foreign: true },
      { program: 'daemon', atMs: 100 },
      { program: 'daemon', phase: 'settle' },
    ],
  }),
  takenOver({
    id: 'model/found/sick-holder',
    about: 'the TCP port is held by a daemon of ours that answers nonsense and has no claim',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(squatter) },
    start: [{ program: 'daemon' }, { program: 'daemon', atMs: 100 }, { program: 'daemon', phase: 'settle' }],
    invariants: [sometimes('a former owner was evicted', 'evict')],
  }),
  takenOver({
    id: 'model/found/short-stop',
    about: 'an owner that is stopped for longer than its lease, and answers the challenge in time',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: [
      { program: 'meddler', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 600 },
    ],
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
  takenOver({
    id: 'model/found/lost-question',
    about: 'the same, and a question is lost, maybe that of the owner to itself',
    faults: { 'lost-probe': 1 },
    faultsForMs: 6_000,
    settleMs: 4_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: [{ program: 'meddler', foreign: true }, { program: 'daemon' }, { program: 'daemon', atMs: 1_100 }],
    invariants: [nobodyEvicted, unsaid('fenced'), sometimes('it was challenged', 'challenge')],
  }),
  takenOver({
    id: 'model/found/torn-stop',
    about: 'the same, and its claim is torn meanwhile',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS, tearAll) },
    start: [
      { program: 'meddler', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 600 },
    ],
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
  takenOver({
    id: 'model/found/hidden-stop',
    about: 'an owner that is stopped for a moment, hidden below the claim of a dead one',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(600, (fs) => fs.writeFile(`${DIRECTORY}/gen-9`, DEAD)) },
    start: [
      { program: 'meddler', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 600 },
    ],
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
  takenOver({
    id: 'model/found/retired',
    about: 'an owner that has released and lives on',
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(retired) },
    start: [
      { program: 'daemon', foreign: true },
      { program: 'daemon', atMs: 100 },
    ],
    invariants: [nobodyEvicted],
  }),
  foundScenario({
    id: 'model/found/last-out',
    about: 'the only owner is asked to stop, and nobody comes after it',
    machine: { busyMs: 0 },
    programs: { stopper },
    start: [{ program: 'stopper', foreign: true }, { program: 'daemon' }],
    invariants: [
      ...SAFETY,
      noStaleState(DIRECTORY),
      noOrphan(DIRECTORY),
      sometimes('it released', 'release'),
    ],
  }),
  foundScenario({
    id: 'model/found/asked-while-waiting',
    about: 'a contender that waits for what it cannot judge is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    machine: { ...state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }), busyMs: 0 },
    programs: { asker },
    start: [{ program: 'asker', foreign: true }, { program: 'daemon' }],
    invariants: [...SAFETY, leftWhenAsked, claimStands],
  }),
  foundScenario({
    id: 'model/found/asked-at-the-endpoint',
    about: 'a contender that waits for the TCP port, its claim published, is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    machine: { busyMs: 0 },
    programs: {
      asker,
      daemon: firstOf(daemon({ directory: '/run/two', endpoint: ENDPOINT, timing: TIMING, helper: null })),
    },
    start: [...FIRST_AND_LATER, { program: 'asker', foreign: true }],
    invariants: [...SAFETY, leftWhenAsked, nothingIsClaimed, sometimes('it released', 'release')],
  }),
  foundScenario({
    id: 'model/found/asked-at-birth',
    about: 'a daemon is asked to stop at any moment of its start',
    settleMs: 1_000,
    programs: { hasty },
    machine: { busyMs: 0 },
    start: [{ program: 'hasty', foreign: true }, { program: 'daemon' }],
    invariants: [...SAFETY, leftWhenAsked, nothingIsClaimed, noStaleState(DIRECTORY)],
  }),
  foundScenario({
    id: 'model/found/asked-at-work',
    about: 'a daemon is asked to stop when it has just begun, its helper maybe on its way',
    settleMs: 1_000,
    programs: { prompt },
    machine: { files: { '/run': null }, busyMs: 0 },
    start: [{ program: 'prompt', foreign: true }, { program: 'daemon' }],
    invariants: [
      ...SAFETY,
      leftWhenAsked,
      nothingIsClaimed,
      noStaleState(DIRECTORY),
      noOrphan(DIRECTORY),
      sometimes('it owned', 'own'),
      sometimes('it had a helper', ({ processes }) =>
        processes.some(({ name }) => name.startsWith('helper')),
      ),
    ],
  }),
  takenOver({
    id: 'model/found/lost-everything',
    about: 'an owner is killed and all its claims are lost: its token is not granted again',
    machine: { ...state({ 'gen-1': claim({ pid: NO_PID, token: 9 }) }), busyMs: 0 },
    programs: { eraser },
    start: [
      { program: 'eraser', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 1_000 },
    ],
  }),
  foundScenario({
    id: 'model/found/usurped',
    about: 'the claim of a lock that is held is replaced, and put back: who has lost it acts no more',
    machine: { busyMs: 0 },
    programs: { insistent, usurper },
    start: [{ program: 'usurper', foreign: true }, { program: 'insistent' }],
    invariants: [...SAFETY, sometimes('it owned', 'own'), sometimes('it was told', 'fenced')],
  }),
  foundScenario({
    id: 'model/found/held-lock',
    about: 'a lock without a service, held for longer than any grace: who lives owns',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { holder },
    start: [
      { program: 'holder', count: 2 },
      { program: 'holder', phase: 'settle' },
    ],
    invariants: [...SAFETY, unsaid('challenge'), sometimes('a contender lost', 'lost')],
  }),
  takenOver({
    id: 'model/found/late-orphan',
    about: 'a child loses its owner while another owner is at work',
    settleMs: 4_000,
    machine: {},
    programs: { leaver },
    start: [
      { program: 'leaver', foreign: true },
      { program: 'sleeper', argv: [`--one-survivor-owner=${FIRST_PID}.${FIRST_TICKS}:${DIRECTORY}`] },
      { program: 'daemon', phase: 'settle' },
    ],
    invariants: [noOrphan(DIRECTORY)],
  }),
  takenOver({
    id: 'model/found/moody-helper',
    about: 'a helper that fails now and then, but never twice in a row, is no reason to give up',
    settleMs: 4_000,
    machine: { busyMs: 0, files: { [SEEN]: '' } },
    programs: { helper: moody },
    start: [{ program: 'daemon' }],
    invariants: [unsaid('self-release')],
  }),
  takenOver({
    id: 'model/found/hung-owner',
    about: 'an owner that looks after its claim and answers nobody',
    settleMs: 9_000,
    machine: {},
    programs: { daemon: firstOf(hung) },
    start: [{ program: 'daemon' }, { program: 'daemon', atMs: 100 }, { program: 'daemon', phase: 'settle' }],
    invariants: [healthyOwnerStays(TIMING), noOrphan(DIRECTORY), noStaleState(DIRECTORY)],
  }),
];
