/** What the PID file, the worker and its connection to chroma-mcp still get wrong. */
import type { Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  foreign,
  listensAt,
  neverMarked,
  removes,
  scenariosOf,
  sleeper,
  times,
} from '../../vocabulary/index.ts';
import { hookToday, shared, workerAfter } from '../after.ts';
import { BREAKER } from '../constants.ts';
import * as must from '../invariants.ts';
import { clientOf } from '../programs/client.ts';
import { sharedConnection } from '../programs/connection.ts';
import { ensureBehindMutex, hook, replacingOthers } from '../programs/launcher.ts';
import { runWorker } from '../programs/worker.ts';
import { addressOf, CHROMA_MOOD, isPortInUse, PID_FILE, TCP_PORT } from '../setup.ts';

const NEW_VERSION = '10.0.7';

/** A hook as it was: when there is no worker after all, it becomes one itself. */
const hookOrWorker: Program = async (ports, argv) => {
  const code = await hook(ensureBehindMutex({ path: '/run/claude-mem/worker-37777.lock' }))(ports, argv);
  if (await isPortInUse(ports)) return code ?? 0;
  ports.mark('becomes-worker');
  return runWorker(ports, { onPortTaken: 'ends', connection: sharedConnection }, TCP_PORT);
};

const answeredAfterCooldown = eventually('a search is answered after the cooldown', ({ marks, processes }) =>
  marks.has('found') || !processes.some(({ name, alive }) => name === 'worker#1' && alive)
    ? null
    : 'chroma-mcp is well again, and a minute is over, but no search was answered',
);

export const OF_WORKERS: readonly Scenario[] = scenariosOf('claude-mem/after', shared, {
  'pid-file-of-a-living': {
    about: 'a launcher gives up on a worker that is slow to answer, and removes its PID file',
    remedy: 'a record is only superseded, never removed, and only when its process is gone',
    breaks: must.servingHasPidFile,
    programs: { worker: workerAfter({ answersAfterMs: 7_000 }) },
    start: ['hook'],
    settleMs: 12_000,
    invariants: [sometimes('the launcher gave up', 'gave-up')],
  },
  'torn-pid-file': {
    about: 'a hook reads a PID file that is just being written, finds it malformed, and removes it',
    remedy: 'a record is complete when it becomes visible (by link), and an unreadable one stays',
    breaks: must.servingHasPidFile,
    programs: { hook: hookToday },
    start: ['worker', 'hook'],
  },
  'pid-file-gap': {
    about: 'a hook reads a dead worker’s PID file, and removes that of the next worker',
    remedy: 'a record is superseded by the next one, under a name of its own, instead of being removed',
    breaks: must.servingHasPidFile,
    programs: { hook: hookToday },
    start: [times(2, 'hook')],
    machine: { files: { [PID_FILE]: '{"pid":999,"port":37777,"startToken":"5"}' } },
  },
  'null-start-token': {
    about: 'a PID file without a start token: a foreign process with that PID counts as the worker',
    remedy: 'a record without a start time proves nothing: challenge its process, then supersede it',
    breaks: must.oneWorkerServes,
    programs: { hook: hookToday, sleeper },
    start: [foreign('sleeper'), afterFaults('hook')],
    machine: { files: { [PID_FILE]: '{"pid":1001,"port":37777,"startToken":null}' } },
    settleMs: 40_000,
  },
  'frozen-worker': {
    about: 'a worker is stopped for good: it keeps the TCP port, and every hook gives up',
    remedy: 'an owner that is silent past its lease is challenged, ended by its identity, and replaced',
    breaks: must.oneWorkerServes,
    start: ['worker', afterFaults('hook')],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    faultsForMs: 1_000,
    settleMs: 20_000,
  },
  'foreign-health': {
    about: 'a foreign server on the TCP port answers 200 to a health check, and passes for the worker',
    remedy: 'the answer names its owner: it must contain the nonce of the claim on disk',
    breaks: must.readyHasWorker,
    programs: { stranger: listensAt(addressOf(TCP_PORT), { status: 200, body: 'ok' }) },
    start: [foreign('stranger'), at(100, 'hook')],
  },
  'version-restart': {
    about: 'two hooks replace an old worker: the slower one’s request to stop reaches the new worker',
    remedy: 'a request to stop names its addressee (nonce, or PID and start time), and any other refuses it',
    breaks: neverMarked(
      'no new worker is asked to stop',
      `stops-${NEW_VERSION}`,
      'a worker of the version that both hooks want stops',
    ),
    programs: {
      hook: hook(replacingOthers(NEW_VERSION, ensureBehindMutex())),
      worker: workerAfter({ version: NEW_VERSION }),
      old: workerAfter({ version: '10.0.6' }),
    },
    start: ['old', at(100, times(2, 'hook'))],
    // One of them is slow.
    faults: { stop: { max: 1, forMs: [1_000] } },
    faultsForMs: 3_000,
    invariants: [sometimes('the old worker was replaced', 'worker-stops')],
  },
  'worker-in-hook': {
    about: 'a hook that could not start a worker becomes one itself: its host ends it, worker and all',
    remedy: 'a worker is a process of its own, started detached; a hook without one says so by its exit code',
    breaks: must.hooksEnd,
    programs: { hook: hookOrWorker },
    start: ['hook'],
    settleMs: 60_000,
    invariants: [sometimes('a hook became the worker', 'becomes-worker')],
  },
  'flapping-chroma': {
    about: 'chroma-mcp answers and ends a moment later: each start is a success, the breaker never opens',
    remedy: 'a connection is a success only once it has lasted for a while',
    breaks: must.chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures),
    programs: { client: clientOf(8) },
    start: ['worker', at(100, 'client')],
    machine: { files: { [CHROMA_MOOD]: 'flaps' } },
    settleMs: 10_000,
  },
  'slow-close': {
    about: 'the reference is dropped before the transport is closed: others start while chroma-mcp ends',
    remedy: 'the next connection waits for the end of the one before',
    breaks: must.fewChromaProcesses,
    programs: { client: clientOf(4) },
    start: ['worker', at(500, times(3, 'client'))],
    machine: { files: { [CHROMA_MOOD]: 'errs' } },
    settleMs: 8_000,
  },
  'breaker-clock-back': {
    about: 'the wall clock is put back while the breaker is open: its minute lasts an hour',
    remedy: 'the cooldown is measured by the monotonic clock',
    breaks: answeredAfterCooldown,
    programs: { client: clientOf(5), mender: removes(CHROMA_MOOD), late: clientOf(3) },
    start: [
      'worker',
      at(100, 'client'),
      afterFaults('mender'),
      afterFaults('late', BREAKER.cooldownMs + 1_000),
    ],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
    faults: { 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    faultsForMs: 6_000,
    settleMs: BREAKER.cooldownMs + 10_000,
  },
});
