import { always, eventually, type Invariant, type World } from '../../scenario/index.ts';
import { TARGET } from './figures.ts';
import { PID_FILE, SPAWN_LOCK, TCP_PORT } from './setup.ts';

type Seen = World['processes'][number];

function isA(process: Seen, program: string): boolean {
  return process.name.startsWith(`${program}#`);
}

/** Those of the system that run or are stopped. */
export function living(world: World, program: string): Seen[] {
  return world.processes.filter((process) => process.alive && !process.foreign && isA(process, program));
}

export const oneWorker = always(
  'at most one worker',
  (world) => {
    const workers = living(world, 'worker');
    return workers.length > TARGET.workers ? `${workers.length} workers at once: ${namesOf(workers)}` : null;
  },
  { when: 'change' },
);

export const fewChromaProcesses = always(
  'at most two chroma-mcp',
  (world) => {
    const { length } = living(world, 'chroma-mcp');
    return length > TARGET.chromaProcesses ? `${length} chroma-mcp at once` : null;
  },
  { when: 'change' },
);

/** Of those that it does not have itself, a worker has ended all but so few. */
export const fewChromaProcessesInTheEnd = eventually('at most two chroma-mcp in the end', (world) => {
  if (living(world, 'worker').length === 0) return null;
  const { length } = living(world, 'chroma-mcp');
  return length > TARGET.chromaProcesses ? `${length} chroma-mcp run` : null;
});

/** Whoever holds the lock says so by the mark `own`. */
export const oneSpawner = always(
  'at most one launcher behind the lock',
  ({ currentClaims }) =>
    currentClaims.length < 2
      ? null
      : `${currentClaims.length} behind the lock: ${namesOf(currentClaims.map(({ process }) => process))}`,
  { when: 'change' },
);

/** Whoever starts a worker has the lock at that moment, and nobody has taken it since. */
export const spawnsBehindOwnLock = always(
  'who spawns has the lock',
  (world) => {
    const spawned = world.processes.findLast((process) => isA(process, 'worker'));
    if (spawned === undefined || spawned.startTicks < world.machine.ticks()) return null;
    const { currentClaims } = world;
    const parent = currentClaims.find(({ process }) => process === spawned.parent)?.process;
    const holder = currentClaims.at(-1)?.process;
    return parent === undefined || holder === parent
      ? null
      : `${parent.name} has started ${spawned.name}, and the lock is that of ${holder!.name}`;
  },
  { when: 'change' },
);

/** The launcher that was started last has taken the lock, and nobody may take that fresh one away from it. */
export const latestLockStays = always(
  'the lock of the latest launcher stays',
  (world) => {
    const latest = world.processes.findLast((process) => isA(process, 'hook'));
    const isBehind = world.currentClaims.some(({ process }) => process === latest);
    return isBehind && world.files()[SPAWN_LOCK] === undefined
      ? `${latest!.name} is behind the lock, and ${SPAWN_LOCK} is gone`
      : null;
  },
  { when: 'change' },
);

/** One that can answer, and that is not somebody else's. */
export const oneWorkerServes = eventually('one worker serves', (world) => {
  const serving = world
    .listenersOn(TCP_PORT)
    .filter((process) => process.state === 'running' && !process.foreign && isA(process, 'worker'));
  return serving.length === 1 ? null : `workers that serve: ${namesOf(serving)}`;
});

/** Nobody that began its background work lost the TCP port. */
export const losersDoNothing = always(
  'who has lost the TCP port starts nothing',
  (world) => {
    const listening = world.listenersOn(TCP_PORT);
    const chroma = living(world, 'chroma-mcp').find(
      ({ parent }) => parent !== null && isA(parent, 'worker') && !listening.includes(parent),
    );
    return chroma === undefined
      ? null
      : `${chroma.parent!.name} does not listen, and has started ${chroma.name}`;
  },
  { when: 'change' },
);

export const noOrphanChroma = eventually('no chroma-mcp without its worker', (world) => {
  const orphan = living(world, 'chroma-mcp').find(({ parent }) => parent === null || !parent.alive);
  return orphan === undefined ? null : `${orphan.name} runs on without its worker`;
});

/** Nobody ends a worker, or a worker's chroma-mcp, that is alive and well. */
export const livingStay = always(
  'no living worker is ended by another',
  ({ signals }) => {
    const hit = signals.find(
      ({ sender, target }) =>
        target !== sender &&
        target.parent !== sender &&
        isA(sender, 'worker') &&
        (isA(target, 'worker') || (target.parent !== null && isA(target.parent, 'worker'))),
    );
    return hit === undefined ? null : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}`;
  },
  { when: 'change' },
);

/** By it `stop` and `status` find the worker. */
export const servingHasPidFile = eventually('a worker that serves has its PID file', (world) => {
  const worker = world.listenersOn(TCP_PORT).find(({ state, foreign }) => state === 'running' && !foreign);
  if (worker === undefined) return null;
  const text = world.files()[PID_FILE] ?? '';
  return text.includes(`"pid":${worker.pid},`)
    ? null
    : `${worker.name} serves, and ${PID_FILE} is ${text === '' ? 'missing or empty' : text}`;
});

/** Workers that were ever started. */
export function workersStarted(most: number): Invariant {
  return eventually(`no more than ${most} workers were started`, (world) => {
    const started = world.processes.filter((process) => isA(process, 'worker'));
    return started.length > most ? `started: ${namesOf(started)}` : null;
  });
}

/** In any row of attempts: after so many in a row there is a pause. */
export function chromaStartsPer(ms: number, most: number): Invariant {
  return always(
    `at most ${most} starts of chroma-mcp in ${ms / 1000} s`,
    (world) => {
      const ticks = world.processes
        .filter((process) => isA(process, 'chroma-mcp'))
        .map(({ startTicks }) => startTicks);
      const recent = ticks.filter((at) => (ticks.at(-1)! - at) * TICK_MS < ms);
      return recent.length > most ? `${recent.length} starts within ${ms / 1000} s` : null;
    },
    { when: 'change' },
  );
}

/** Clock ticks of 10 ms (USER_HZ) are the unit of start times. */
const TICK_MS = 10;

export const hooksEnd = eventually('every hook ends', (world) => {
  const left = living(world, 'hook');
  return left.length === 0 ? null : `${namesOf(left)} still runs`;
});

function namesOf(processes: readonly { name: string }[]): string {
  return processes.length === 0 ? 'none' : processes.map(({ name }) => name).join(', ');
}
