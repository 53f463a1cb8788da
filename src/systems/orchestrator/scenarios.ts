import {
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../check/index.ts';
import { processFileName } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { AFTER, AFTER_CHANNEL, AFTER_EPERM_IS_DEAD } from './after.ts';
import { BEFORE, BEFORE_CHANNEL } from './before.ts';
import {
  BY_IDENTITY,
  BY_PID,
  liveKeepsFile,
  nobodySignalled,
  noLitter,
  noneReportedWrongly,
  noPhantom,
  noStaleFile,
  orphansReported,
  registeredUnderOwnId,
  siblingsSeen,
} from './invariants.ts';
import { OURS, hook as oursHook, server as oursServer } from './ours.ts';
import { claude, claudeOfOld, hook, MARKER, oldServer, PREFIX, STATE } from './setup.ts';

/** Starts a server some levels below itself: `nest LEVELS PROGRAM [SESSION]`. */
const nest: Program = async ({ process, clock }, [levels = '0', program = '', ...rest]) => {
  const deeper = ['nest', `${Number(levels) - 1}`, program, ...rest];
  await process.spawn(levels === '0' ? [program, MARKER, ...rest] : deeper);
  for (;;) await clock.sleep(60_000);
};

/** Below it sessions start; it ends soon, and they go on. */
const shell: Program = async ({ clock }) => {
  await clock.sleep(300);
  return 0;
};

/** PID 1 of a container that is a Node program: it adopts, and reaps nobody. */
const init: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** Stops the server of a session: it cannot end by itself. `stopper SESSION` */
const stopper: Program = async ({ process }, [session]) => {
  for (const pid of await process.list()) {
    const { command, state } = await process.info(pid);
    if (state === 'running' && command[0] === 'server' && command.at(-1) === session) {
      await process.kill(pid, 'SIGSTOP');
    }
  }
  return 0;
};

/** Two users share the project. */
const admin: Program = async ({ fs }) => {
  await fs.mkdir(STATE, { recursive: true });
  await fs.chmod(STATE, 0o777);
  return 0;
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  claude,
  hook,
  oldclaude: claudeOfOld,
  oldserver: oldServer,
  ...{ nest, shell, init, admin, stopper },
};

type Options = Omit<Partial<ScenarioOptions>, 'programs'> &
  Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'>;

function orchestratorScenario(server: Program, { id, ...options }: Options): Scenario {
  return scenario({
    id: `orchestrator/${id}`,
    programs: { ...PROGRAMS, server },
    faultsForMs: 1_500,
    settleMs: 2_500,
    machine: { busyMs: 50 },
    ...options,
    invariants: [nobodySignalled, ...options.invariants],
  });
}

/** PID of the first process of a run. */
const FIRST_PID = 1_001;
/** Nobody has borne it in a run. */
const GONE_PID = 900;

const STALE: Readonly<Record<string, string>> = { [`${STATE}/${PREFIX}${GONE_PID}`]: 'gone' };
const REAPED = sometimes('a stale file was reaped', 'reaped');
const SUSPECT = sometimes('a suspect was reported', 'suspect');
const DRIFTED = sometimes('a server took another id for its own', 'drifted');
const SIBLING = sometimes('a sibling was seen', 'sibling');

/** Sessions that come and go; the last one comes when the faults are over. */
const COME_AND_GO = [
  { program: 'claude', argv: ['one', '1000'] },
  { program: 'claude', argv: ['two', '1000'], atMs: 200 },
  { program: 'claude', argv: ['stays'], atMs: 400 },
  { program: 'claude', argv: ['last'], phase: 'settle', atMs: 100 },
] as const;

/** A session with an old server ends; others are there, and come. */
const OLD_AND_NEW = [
  { program: 'oldclaude', argv: ['200'] },
  { program: 'oldclaude', argv: ['60000'] },
  { program: 'claude', argv: ['stays'] },
  { program: 'claude', argv: ['last'], phase: 'settle', atMs: 100 },
] as const;

/** A file of an earlier process of this PID, which a session is about to bear. */
const REUSED = { ...STALE, [`${STATE}/${PREFIX}${FIRST_PID}`]: 'of-old' };

/** The same, by names that tell the two apart; and one of the old kind. */
const FORMER = {
  ...STALE,
  [`${STATE}/${formerName(PREFIX)}`]: 'of-old',
  [`${STATE}/${formerName('server-')}`]: 'torn {',
};

function formerName(prefix: string): string {
  const where = {
    bootId: '00000000-0000-4000-8000-000000000000',
    pidNamespace: 'pid:[1]',
    hostname: 'machine',
  };
  return processFileName(prefix, { pid: FIRST_PID, startTicks: 5, ...where });
}

const BEFORE_SCENARIOS = [
  orchestratorScenario(BEFORE, {
    id: 'before/never-reaped',
    about: 'each session writes a file of its PID, and nobody ever removes one',
    expects: 'violation',
    violates: 'no file of a session that has ended',
    remedy: 'sweep at the start: remove the files whose PID nobody bears',
    start: COME_AND_GO,
    invariants: [noStaleFile(BY_PID)],
  }),
  orchestratorScenario(BEFORE_CHANNEL, {
    id: 'before/phantom-sibling',
    about:
      'a file that a former bearer of the PID has left gives the server the id of a session that is gone',
    expects: 'violation',
    violates: 'no session sees itself as another',
    remedy: 'leave the id that the server has registered under out of its siblings too',
    start: [{ program: 'claude', argv: ['one'] }],
    machine: { files: REUSED },
    invariants: [noPhantom],
  }),
  orchestratorScenario(BEFORE, {
    id: 'before/orphan-unseen',
    about: 'a server of an old version outlives its session, and nobody says so',
    expects: 'violation',
    violates: 'an orphan is reported',
    remedy: 'look for servers with no live session above them, and log them',
    start: OLD_AND_NEW,
    invariants: [orphansReported],
  }),
];

const AFTER_SCENARIOS = [
  orchestratorScenario(AFTER, {
    id: 'after/reaper',
    about: 'files of ended sessions go at the next start, those of live ones stay',
    start: COME_AND_GO,
    machine: { busyMs: 50, files: STALE },
    invariants: [noStaleFile(BY_PID), liveKeepsFile(BY_PID), REAPED],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/eperm-is-alive',
    about: "another user's session may not be signalled, and so it lives",
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
      { program: 'claude', argv: ['last'], uid: 1_000, phase: 'settle' },
    ],
    machine: { busyMs: 0, files: STALE },
    invariants: [liveKeepsFile(BY_PID), REAPED],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/empty-directory',
    about: 'no directory at all, or an empty one: nothing to do',
    start: [{ program: 'server', argv: [MARKER, 'alone'] }, ...COME_AND_GO],
    invariants: [liveKeepsFile(BY_PID)],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/orphan-scan',
    about:
      'an orphan of an old version is reported, a sibling of a live session is not, up to 8 parents below it',
    start: [...OLD_AND_NEW, { program: 'nest', argv: ['6', 'oldserver'], parent: 'claude' }],
    invariants: [orphansReported, noneReportedWrongly, SUSPECT],
  }),
  orchestratorScenario(AFTER_CHANNEL, {
    id: 'after/self-id-filter',
    about: 'the server has registered under another id than its session has, and knows both for its own',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'] },
    ],
    machine: { files: REUSED },
    invariants: [noPhantom, DRIFTED, SIBLING],
  }),
];

type Finding = Pick<ScenarioOptions, 'violates'> & Required<Pick<ScenarioOptions, 'remedy'>>;

function finding(server: Program, options: Options & Finding): Scenario {
  return orchestratorScenario(server, { ...options, id: `after/${options.id}`, expects: 'violation' });
}

const IDENTITY = 'name the file by PID and start time: then another process of that PID has another file';

const FINDINGS = [
  finding(AFTER_EPERM_IS_DEAD, {
    id: 'eperm-is-dead',
    about:
      "the probe of another user's session says EPERM, which the code takes for dead: its file is deleted",
    violates: 'a live session keeps its file',
    remedy: 'only ESRCH says that nobody bears a PID',
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
    ],
    machine: { busyMs: 0 },
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'probe-unlink-gap',
    about:
      'between the probe and the unlink a new session is given the PID and writes its file, which is then deleted',
    violates: 'a live session keeps its file',
    remedy: IDENTITY,
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'], atMs: 0.3 },
    ],
    machine: { busyMs: 0, files: { [`${STATE}/${PREFIX}${FIRST_PID + 1}`]: 'of-old' } },
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'pid-reuse',
    about: 'the PID of an ended session is borne by a process that is no session: its file is never reaped',
    violates: 'no file of a session that has ended',
    remedy: IDENTITY,
    start: [
      { program: 'init', foreign: true },
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    machine: { busyMs: 50, files: REUSED },
    invariants: [noStaleFile(BY_PID), REAPED],
  }),
  finding(AFTER, {
    id: 'zombie',
    about:
      'a session that PID 1 of a container has adopted and does not reap is a zombie, which the probe takes for alive',
    violates: 'no file of a session that has ended',
    remedy: 'read the state of the process: a zombie has ended',
    start: [
      { program: 'init', pidNamespace: 'box', pid: 1, foreign: true },
      { program: 'shell', pidNamespace: 'box', foreign: true },
      { program: 'claude', argv: ['one', '800'], pidNamespace: 'box', parent: 'shell' },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', phase: 'settle' },
    ],
    invariants: [noStaleFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'other-namespace',
    about:
      'a container shares the project: its PIDs mean nothing outside, and a live session there loses its file',
    violates: 'a live session keeps its file',
    remedy: 'name the PID namespace and the host in the file, and leave alone what is of others',
    start: [
      { program: 'claude', argv: ['inside'], pidNamespace: 'box' },
      { program: 'claude', argv: ['outside'] },
    ],
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'late-hook',
    about:
      'a hook that outlives its session has PID 1 for a parent: its file is active-session-1, which is alive for ever',
    violates: 'no file of a session that has ended',
    remedy: 'write no file when there is no session above the hook',
    start: [
      { program: 'claude', argv: ['brief', '0.05'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [noStaleFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'nine-hops',
    about:
      'a server more than 8 processes below its live session is reported as an orphan, for somebody to kill',
    violates: 'no server of a live session is reported',
    remedy: 'climb to the first process; or let the server write down whom it serves',
    start: [
      { program: 'oldclaude', argv: ['60000'] },
      { program: 'nest', argv: ['7', 'oldserver'], parent: 'oldclaude' },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [noneReportedWrongly],
  }),
  finding(AFTER, {
    id: 'adopted-by-claude',
    about:
      'a session is PID 1 of its container and adopts the orphans of those below it: they have a live session above',
    violates: 'an orphan is reported',
    remedy: 'let the server write down whom it serves: who has adopted it says nothing',
    start: [
      { program: 'claude', argv: ['outer'], pidNamespace: 'box', pid: 1 },
      { program: 'oldclaude', argv: ['200'], pidNamespace: 'box', parent: 'claude' },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', parent: 'claude', phase: 'settle' },
    ],
    invariants: [orphansReported],
  }),
  finding(AFTER_CHANNEL, {
    id: 'still-drifted',
    about:
      'the filter hides the wrong id, it does not mend it: others know the session by the id of one that is gone',
    violates: 'a live session is registered under its own id',
    remedy: 'read no file of which the start time is not that of the session',
    start: [{ program: 'claude', argv: ['one'] }],
    machine: { busyMs: 50, files: REUSED },
    invariants: [registeredUnderOwnId],
  }),
  finding(AFTER_CHANNEL, {
    id: 'hidden-sibling',
    about:
      'the wrong id is that of a session that somebody has resumed: the filter hides it, and neither sees the other',
    violates: 'live sessions are told of each other',
    remedy: 'tell sessions apart by the process that they are, not by the id that one believes to have',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['of-old'], atMs: 100 },
    ],
    machine: { busyMs: 50, files: REUSED },
    invariants: [noPhantom, siblingsSeen],
  }),
  finding(AFTER_CHANNEL, {
    id: 'impostor',
    about:
      'a server that starts before its hook has written reads the legacy file, and registers as another live session',
    violates: 'a live session is registered under its own id',
    remedy: 'wait for the file of the own session, and do not fall back to one that all sessions share',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'] },
    ],
    invariants: [registeredUnderOwnId],
  }),
];

const OURS_SAFETY: readonly Invariant[] = [
  noStaleFile(BY_IDENTITY),
  noLitter,
  liveKeepsFile(BY_IDENTITY, { served: true }),
  noPhantom,
  orphansReported,
  noneReportedWrongly,
  siblingsSeen,
];

function ours({ id, about, ...options }: Options): Scenario {
  return scenario({
    id: `orchestrator/ours/${id}`,
    about: about ?? '',
    programs: { ...PROGRAMS, hook: oursHook(OURS), server: oursServer(OURS) },
    faultsForMs: 1_500,
    settleMs: 3_500,
    machine: { busyMs: 50 },
    ...options,
    invariants: [nobodySignalled, ...OURS_SAFETY, ...options.invariants],
  });
}

const OURS_SCENARIOS = [
  ours({
    id: 'hygiene',
    about: 'sessions and servers killed or stopped at any moment, strangers born with their PIDs',
    start: [...COME_AND_GO.slice(1), { program: 'oldclaude', argv: ['200'] }],
    faults: { kill: 2, stop: { max: 1, forMs: [50, 1_200] }, 'pid-reuse': 1 },
    machine: { busyMs: 50, files: FORMER },
    invariants: [REAPED, SUSPECT, SIBLING],
  }),
  ours({
    id: 'lost-state',
    about: 'files vanish, are torn or overwritten while their sessions live',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'], atMs: 200 },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    faults: {
      'lose-state': { max: 2, under: STATE },
      'tear-state': { max: 1, under: STATE },
      'corrupt-state': { max: 1, under: STATE },
      kill: 1,
    },
    invariants: [SIBLING],
  }),
  ours({
    id: 'container',
    about:
      'in a container whose PID 1 is a session: it adopts, it reaps nobody; a server is stopped for good',
    start: [
      { program: 'claude', argv: ['outer'], pidNamespace: 'box', pid: 1 },
      { program: 'shell', pidNamespace: 'box', foreign: true },
      { program: 'claude', argv: ['brief', '800'], pidNamespace: 'box', parent: 'shell' },
      { program: 'stopper', argv: ['brief'], pidNamespace: 'box', foreign: true, atMs: 400 },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', phase: 'settle' },
    ],
    invariants: [REAPED, SUSPECT],
  }),
  ours({
    id: 'shared-directory',
    about:
      'a container and the machine share the project: nobody judges what is of the other; a server is deep below its session',
    start: [
      { program: 'claude', argv: ['inside'], pidNamespace: 'box' },
      { program: 'nest', argv: ['9', 'oldserver'], pidNamespace: 'box', parent: 'claude' },
      { program: 'claude', argv: ['outside', '900'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [REAPED, SIBLING],
  }),
  ours({
    id: 'two-users',
    about: "sessions of two users in one project: each sees that the other's live, and whose file is whose",
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one', '1000'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
      { program: 'claude', argv: ['last'], uid: 1_000, phase: 'settle' },
    ],
    machine: { busyMs: 0 },
    faults: { kill: 1 },
    invariants: [REAPED, SIBLING],
  }),
];

export const ORCHESTRATOR: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OURS_SCENARIOS,
];
