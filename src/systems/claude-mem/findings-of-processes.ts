import type { Program } from '../../ports/index.ts';
import {
  always,
  eventually,
  nothingForeignSignalled,
  type Scenario,
  sometimes,
} from '../../scenario/index.ts';
import { hookAfter, hookToday, workerAfter } from './after.ts';
import { clientOf } from './client.ts';
import { SharedConnection } from './connection.ts';
import { BREAKER, ORPHAN_AGE_MS } from './figures.ts';
import { finding } from './findings-of-locks.ts';
import {
  chromaStartsPer,
  fewChromaProcesses,
  fewChromaProcessesInTheEnd,
  hooksEnd,
  livingStay,
  noOrphanChroma,
  oneWorkerServes,
  servingHasPidFile,
} from './invariants.ts';
import { ensureBehindMutex, hook, replacingOthers } from './launcher.ts';
import { CHROMA_MOOD, isPortInUse, OTHER_TCP_PORT, PID_FILE, TCP_PORT } from './setup.ts';
import { sleeper, stranger } from './strangers.ts';
import { runWorker } from './worker.ts';

/** Longer than an age that is told in whole minutes may be off. */
const SECOND_MS = 1_000;

const NEW_VERSION = '10.0.7';

/** A hook as it was: when there is no worker after all, it becomes one itself. */
const hookOrWorker: Program = async (ports, argv) => {
  const code = await hook(ensureBehindMutex({ path: '/run/claude-mem/worker-37777.lock' }))(ports, argv);
  if (await isPortInUse(ports)) return code ?? 0;
  ports.mark('becomes-worker');
  const connection = (own: typeof ports) => new SharedConnection(own);
  return runWorker(ports, { onPortTaken: 'ends', connection }, TCP_PORT);
};

/** Ends the process that listens, as a crash does. */
const crash: Program = async ({ probe, process }) => {
  for (const { pid } of await probe.holders(TCP_PORT)) if (pid !== null) await process.kill(pid, 'SIGKILL');
};

/** What is mended, from now on. */
const mender: Program = async ({ fs }) => void (await fs.unlinkIfThere(CHROMA_MOOD));

const SIGNALLED = sometimes('somebody was signalled', ({ signals }) => signals.length > 0);

/** What the reapers, the PID file, the worker and its connection still get wrong. */
export const OF_PROCESSES: readonly Scenario[] = [
  // Reapers.
  finding({
    id: 'claude-mem/after/young-orphans',
    about:
      'chroma-mcp of crashed workers, all young: the reaper by age finds none and returns before the count is looked at',
    remedy: 'each reaper on its own: the count does not depend on what was found by age',
    start: [
      { program: 'chroma-mcp', count: 2 },
      { program: 'hook', phase: 'settle' },
    ],
    invariants: [fewChromaProcessesInTheEnd],
  }),
  finding({
    id: 'claude-mem/after/two-and-one',
    about: 'the count leaves the two newest chroma-mcp, and then the worker starts its own: three',
    remedy:
      'orphans are ended because their owner is gone, not because there are too many; then there are none beside one’s own',
    start: [
      { program: 'chroma-mcp', phase: 'settle' },
      { program: 'chroma-mcp', phase: 'settle', count: 3, atMs: ORPHAN_AGE_MS.after - 60_000 },
      { program: 'worker', phase: 'settle', atMs: ORPHAN_AGE_MS.after + SECOND_MS },
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [fewChromaProcessesInTheEnd, SIGNALLED],
  }),
  finding({
    id: 'claude-mem/after/orphan-stays',
    about:
      'a worker crashes, and the next one begins within five minutes: nobody ever looks for the orphan again',
    remedy:
      'orphans are known by the owner that their command line names, whatever their age, and looked for again and again',
    programs: { crash },
    start: [{ program: 'worker' }, { program: 'crash', atMs: 500 }, { program: 'worker', phase: 'settle' }],
    faultsForMs: 1_000,
    settleMs: 2 * ORPHAN_AGE_MS.after,
    invariants: [noOrphanChroma],
  }),
  finding({
    id: 'claude-mem/after/reaper-by-name',
    about:
      'another program’s chroma-mcp, older than five minutes, is ended: its name is all that is looked at',
    remedy:
      'whoever is ended is proven ours: user, and a marker on the command line that names the state directory and the owner',
    start: [
      { program: 'chroma-mcp', foreign: true },
      { program: 'hook', phase: 'settle', atMs: ORPHAN_AGE_MS.after + SECOND_MS },
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 5_000,
    invariants: [nothingForeignSignalled],
  }),
  finding({
    id: 'claude-mem/after/reaper-kills-living',
    about:
      'the worker of a second installation begins, and ends the first one’s worker, which is alive and well, by name and age',
    remedy: 'an orphan is a process whose owner is gone; a living worker, and what it has started, is none',
    start: [
      { program: 'worker', phase: 'settle', argv: [String(OTHER_TCP_PORT)] },
      { program: 'worker', phase: 'settle', atMs: ORPHAN_AGE_MS.after + SECOND_MS },
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 5_000,
    invariants: [livingStay],
  }),
  finding({
    id: 'claude-mem/after/reaper-pid-reuse',
    about: 'an orphan ends between the list and the signal, and a stranger born with its PID is killed',
    remedy: 'the signal names the very process: PID and start time in one operation',
    programs: {
      // They end by themselves, at about the moment at which the worker looks.
      'chroma-mcp': async ({ clock }) => clock.sleep(ORPHAN_AGE_MS.after + SECOND_MS),
    },
    start: [
      { program: 'chroma-mcp', count: 3 },
      { program: 'worker', atMs: ORPHAN_AGE_MS.after + SECOND_MS },
    ],
    faults: { 'pid-reuse': 2 },
    faultsForMs: ORPHAN_AGE_MS.after + 2 * SECOND_MS,
    settleMs: 500,
    invariants: [nothingForeignSignalled, SIGNALLED],
  }),

  // The PID file.
  finding({
    id: 'claude-mem/after/pid-file-of-a-living',
    about:
      'a worker listens but does not answer within five seconds; its launcher gives up, and removes the PID file of a worker that lives',
    remedy: 'nobody removes a record but by superseding it, and only when its process is gone',
    programs: { worker: workerAfter({ answersAfterMs: 7_000 }) },
    start: [{ program: 'hook' }],
    settleMs: 12_000,
    invariants: [servingHasPidFile, sometimes('the launcher gave up', 'gave-up')],
  }),
  finding({
    id: 'claude-mem/after/torn-pid-file',
    about:
      'a hook reads the PID file between its creation and its writing, takes it for garbage, and removes it',
    remedy:
      'a record is complete the moment it is visible: temporary file and link, and what cannot be read is nobody’s to remove',
    programs: { hook: hookToday },
    start: [{ program: 'worker' }, { program: 'hook' }],
    invariants: [servingHasPidFile],
  }),
  finding({
    id: 'claude-mem/after/pid-file-gap',
    about:
      'a hook reads a dead worker’s PID file; before it removes it, the next worker has written its own there',
    remedy:
      'a record is superseded by the next generation, under a name of its own, instead of being removed',
    programs: { hook: hookToday },
    start: [{ program: 'hook', count: 2 }],
    machine: { files: { [PID_FILE]: '{"pid":999,"port":37777,"startToken":"5"}' } },
    invariants: [servingHasPidFile],
  }),
  finding({
    id: 'claude-mem/after/null-start-token',
    about:
      'a PID file without a start token, and a stranger that bears the PID: it counts as the worker, and none is ever started',
    remedy:
      'a record without a start time proves nothing: who does not answer at the endpoint is challenged, and then superseded',
    programs: { hook: hookToday, sleeper },
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'hook', phase: 'settle' },
    ],
    machine: { files: { [PID_FILE]: '{"pid":1001,"port":37777,"startToken":null}' } },
    settleMs: 40_000,
    invariants: [oneWorkerServes],
  }),

  // The worker.
  finding({
    id: 'claude-mem/after/frozen-worker',
    about: 'a worker is stopped for good: it keeps the TCP port, every hook gives up, and nobody replaces it',
    remedy:
      'who is silent past its lease is challenged, then ended by its proven identity, and taken over by one contender',
    programs: { hook: hookAfter },
    start: [{ program: 'worker' }, { program: 'hook', phase: 'settle' }],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    faultsForMs: SECOND_MS,
    settleMs: 20_000,
    invariants: [oneWorkerServes],
  }),
  finding({
    id: 'claude-mem/after/foreign-health',
    about: 'a stranger on the TCP port answers 200 to the question after health, and passes for the worker',
    remedy: 'the answer names its owner: it must bear the nonce of the claim on disk',
    programs: { stranger: stranger('ok') },
    start: [
      { program: 'stranger', foreign: true },
      { program: 'hook', atMs: 100 },
    ],
    invariants: [
      always(
        'who is ready has a worker',
        (world) => {
          if (!world.marks.has('ready')) return null;
          const foreign = world.listenersOn(TCP_PORT).find((process) => process.foreign);
          return foreign === undefined
            ? null
            : `a hook is ready, and on its TCP port listens ${foreign.name}`;
        },
        { when: 'change' },
      ),
    ],
  }),
  finding({
    id: 'claude-mem/after/version-restart',
    about:
      'two hooks see a worker of the version before; the slower one’s request to stop reaches the new worker of the faster',
    remedy:
      'a request to stop names whom it is for (nonce, or PID and start time), and is refused by anybody else',
    programs: {
      hook: hook(replacingOthers(NEW_VERSION, ensureBehindMutex())),
      worker: workerAfter({ version: NEW_VERSION }),
      old: workerAfter({ version: '10.0.6' }),
    },
    start: [{ program: 'old' }, { program: 'hook', count: 2, atMs: 100 }],
    // One of them is slow.
    faults: { stop: { max: 1, forMs: [SECOND_MS] } },
    faultsForMs: 3_000,
    invariants: [
      always(
        'no new worker is asked to stop',
        ({ marks }) =>
          marks.has(`stops-${NEW_VERSION}`) ? 'a worker of the version that both hooks want stops' : null,
        { when: 'change' },
      ),
      sometimes('the old worker was replaced', 'worker-stops'),
    ],
  }),
  finding({
    id: 'claude-mem/after/worker-in-hook',
    about:
      'a hook that could not start a worker becomes one itself: it never ends, and its host ends it, worker and all',
    remedy:
      'a worker is a process of its own, started detached, and a hook without one says so by its exit code',
    programs: { hook: hookOrWorker },
    start: [{ program: 'hook' }],
    settleMs: 60_000,
    invariants: [hooksEnd, sometimes('a hook became the worker', 'becomes-worker')],
  }),

  // Its connection.
  finding({
    id: 'claude-mem/after/flapping-chroma',
    about:
      'chroma-mcp answers, and ends a moment later: each start counts as a success, and the breaker never opens',
    remedy:
      'only what has answered for a while is a success: a connection that ends before that is a failure',
    programs: { client: clientOf(8) },
    start: [{ program: 'worker' }, { program: 'client', atMs: 100 }],
    machine: { files: { [CHROMA_MOOD]: 'flaps' } },
    settleMs: 10_000,
    invariants: [chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures)],
  }),
  finding({
    id: 'claude-mem/after/slow-close',
    about:
      'the reference is dropped before the transport is closed: while one chroma-mcp ends, the next are started',
    remedy: 'the next connection waits for the end of the one before',
    programs: { client: clientOf(4) },
    start: [{ program: 'worker' }, { program: 'client', count: 3, atMs: 500 }],
    machine: { files: { [CHROMA_MOOD]: 'errs' } },
    settleMs: 8_000,
    invariants: [fewChromaProcesses],
  }),
  finding({
    id: 'claude-mem/after/breaker-clock-back',
    about:
      'the wall clock is put back while the breaker is open: its minute lasts an hour, although chroma-mcp is well again',
    remedy: 'the cooldown is measured by the monotonic clock',
    programs: { client: clientOf(5), mender, late: clientOf(3) },
    start: [
      { program: 'worker' },
      { program: 'client', atMs: 100 },
      { program: 'mender', phase: 'settle' },
      { program: 'late', phase: 'settle', atMs: BREAKER.cooldownMs + SECOND_MS },
    ],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
    faults: { 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    faultsForMs: 6_000,
    settleMs: BREAKER.cooldownMs + 10_000,
    invariants: [
      eventually('a search is answered after the cooldown', ({ marks, processes }) =>
        marks.has('found') || !processes.some(({ name, alive }) => name === 'worker#1' && alive)
          ? null
          : 'chroma-mcp is well again, and a minute is over, but no search was answered',
      ),
    ],
  }),
];
