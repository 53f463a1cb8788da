/** What must hold of workers, their locks, their PID file and their chroma-mcp. */
import { always, eventually, type Invariant, oneSurvivor, type World } from '../../scenario/index.ts';
import {
  isA,
  living,
  MS_PER_TICK,
  namesOf,
  neverMarked,
  noneLeft,
  onChange,
  type SeenProcess,
} from '../vocabulary/index.ts';
import { TARGET } from './constants.ts';
import { CHROMA_TCP_PORT, MUTEX, PID_FILE, SPAWN_LOCK, TCP_PORT } from './setup.ts';

export const oneWorker = onChange('at most one worker', (world) => {
  const workers = living(world, 'worker');
  return workers.length > TARGET.workers ? `${workers.length} workers at once: ${namesOf(workers)}` : null;
});

export const fewChromaProcesses = onChange('at most two chroma-mcp', (world) => {
  const { length } = living(world, 'chroma-mcp');
  return length > TARGET.chromaProcesses ? `${length} chroma-mcp at once` : null;
});

export const oneChromaProcess = onChange('one chroma-mcp at a time', ({ processes }) => {
  const alive = processes.filter((process) => process.alive && isA(process, 'chroma-mcp'));
  return alive.length > 1 ? `${alive.length} chroma-mcp at once` : null;
});

/** What happens to a machine that is full: it cannot even start a shell. */
export const othersCanStart = neverMarked(
  'other programs can start processes',
  'others-cannot-start',
  'the machine has no room for another process',
);

/** Of those that it has not started itself, a worker has ended all but this many. */
export const fewChromaProcessesInTheEnd = eventually('at most two chroma-mcp in the end', (world) => {
  if (living(world, 'worker').length === 0) return null;
  const { length } = living(world, 'chroma-mcp');
  return length > TARGET.chromaProcesses ? `${length} chroma-mcp run` : null;
});

/** The two newest that the count leaves, and the worker's own. */
export const countedDown = eventually('at most three chroma-mcp after the count', (world) => {
  const { length } = living(world, 'chroma-mcp');
  return length > TARGET.chromaProcesses + 1 ? `${length} chroma-mcp run` : null;
});

/** Agents, as far as the supervisor has to do with them: each works for the session on its command line. */
export const noAgentLeft = noneLeft(
  'no agent outlives its worker',
  (process) => process.alive && !process.foreign && isA(process, 'agent') && !process.parent?.alive,
  ({ name }) => `${name} runs on, and its worker has ended`,
);

export function onlyThisSessionEnds(session: string): Invariant {
  return eventually(`only the agents of session ${session} end`, ({ processes }) => {
    const agents = processes.filter((process) => isA(process, 'agent'));
    const wrong = agents.find(({ alive, command }) => alive === (command[1] === session));
    return wrong === undefined ? null : `${wrong.name} of ${wrong.command[1]} is ${wrong.state}`;
  });
}

/** The database behind a TCP port: it holds the port, so that there can be no second one. */
export const oneServerInTheEnd = eventually('at most one database server in the end', (world) => {
  const servers = living(world, 'chroma');
  return servers.length > 1 ? `${servers.length} run: ${namesOf(servers)}` : null;
});

export const noOrphanServer = noneLeft(
  'no database server without its worker',
  (process, world) => process.alive && isA(process, 'chroma') && living(world, 'worker').length === 0,
  ({ name }) => `${name} runs on, and no worker is left`,
);

export const searchedOurs = onChange('a search is answered by a server of ours', (world) => {
  const holder =
    world.marks.has('found') && world.listenersOn(CHROMA_TCP_PORT).find(({ foreign }) => foreign);
  return holder ? `a search was answered, by ${holder.name}` : null;
});

/** What the time-outs of a launcher assume of a worker. */
export function workersListenWithin(ms: number): Invariant {
  return always(`a worker listens within ${ms} ms`, (world) => {
    const listeners = world.listenersOn(TCP_PORT);
    const ticks = world.machine.clocks.ticks();
    const late = living(world, 'worker').find(
      (process) => (ticks - process.startTicks) * MS_PER_TICK > ms && !listeners.includes(process),
    );
    return late === undefined ? null : `${late.name} has run for longer, and does not listen`;
  });
}

/** And what they assume of its answers. */
export function healthyAnswersWithin(ms: number): Invariant {
  return neverMarked(
    `a healthy worker answers within ${ms} ms`,
    'answered-late',
    'a worker has answered, but later',
  );
}

export const mutexIsFree = eventually('the mutex is free in the end', (world) =>
  MUTEX in world.files() ? 'it is there, and its launcher has ended' : null,
);

/** The holder of the lock makes the mark `own`. */
export const oneSpawner = onChange('at most one launcher behind the lock', ({ currentClaims }) =>
  currentClaims.length < 2
    ? null
    : `${currentClaims.length} behind the lock: ${namesOf(currentClaims.map(({ process }) => process))}`,
);

/** A launcher that starts a worker has the lock at that moment: no other has taken it since. */
export const spawnsBehindOwnLock = onChange('a launcher that spawns has the lock', (world) => {
  const spawned = world.processes.findLast((process) => isA(process, 'worker'));
  if (spawned === undefined || spawned.startTicks < world.machine.clocks.ticks()) return null;
  const { currentClaims } = world;
  const parent = currentClaims.find(({ process }) => process === spawned.parent)?.process;
  const holder = currentClaims.at(-1)?.process;
  return parent === undefined || holder === parent
    ? null
    : `${parent.name} has started ${spawned.name}, and the lock is that of ${holder!.name}`;
});

/** The launcher that was started last has taken the lock. It is fresh, so no other may take it away. */
export const latestLockStays = onChange('the lock of the latest launcher stays', (world) => {
  const latest = world.processes.findLast((process) => isA(process, 'hook'));
  const isBehind = world.currentClaims.some(({ process }) => process === latest);
  return isBehind && world.files()[SPAWN_LOCK] === undefined
    ? `${latest!.name} is behind the lock, and ${SPAWN_LOCK} is gone`
    : null;
});

/** One that can answer, and that belongs to the system. */
export const oneWorkerServes = oneSurvivor({
  among: (world) => listening(world).filter((process) => isA(process, 'worker')),
});

function listening(world: World): SeenProcess[] {
  return world.listenersOn(TCP_PORT).filter(({ state, foreign }) => state === 'running' && !foreign);
}

/** A worker that has lost the TCP port does not begin its background work. */
export const losersDoNothing = onChange('a worker without the TCP port starts nothing', (world) => {
  const listeners = world.listenersOn(TCP_PORT);
  const chroma = living(world, 'chroma-mcp').find(
    ({ parent }) => parent !== null && isA(parent, 'worker') && !listeners.includes(parent),
  );
  return chroma === undefined
    ? null
    : `${chroma.parent!.name} does not listen, and has started ${chroma.name}`;
});

export const noOrphanChroma = noneLeft(
  'no chroma-mcp without its worker',
  (process) => process.alive && !process.foreign && isA(process, 'chroma-mcp') && !process.parent?.alive,
  ({ name }) => `${name} runs on without its worker`,
);

/** No worker ends another worker, or its chroma-mcp, that is alive and well. */
export const livingStay = onChange('no living worker is ended by another', ({ signals }) => {
  const hit = signals.find(
    ({ sender, target }) =>
      target !== sender &&
      target.parent !== sender &&
      isA(sender, 'worker') &&
      (isA(target, 'worker') || (target.parent !== null && isA(target.parent, 'worker'))),
  );
  return hit === undefined ? null : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}`;
});

/** `stop` and `status` find the worker by it. */
export const servingHasPidFile = eventually('a worker that serves has its PID file', (world) => {
  const [worker] = listening(world);
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

/** In any window of this length: after so many attempts in a row there is a pause. */
export function chromaStartsPer(ms: number, most: number): Invariant {
  return onChange(`at most ${most} starts of chroma-mcp in ${ms / 1000} s`, (world) => {
    const ticks = world.processes
      .filter((process) => isA(process, 'chroma-mcp'))
      .map(({ startTicks }) => startTicks);
    const recent = ticks.filter((at) => (ticks.at(-1)! - at) * MS_PER_TICK < ms);
    return recent.length > most ? `${recent.length} starts within ${ms / 1000} s` : null;
  });
}

export const hooksEnd = eventually('every hook ends', (world) => {
  const left = living(world, 'hook');
  return left.length === 0 ? null : `${namesOf(left)} still runs`;
});

export const readyHasWorker = onChange('a hook that is ready has a worker', (world) => {
  const holder = world.marks.has('ready') && world.listenersOn(TCP_PORT).find((process) => process.foreign);
  return holder ? `a hook is ready, and on its TCP port listens ${holder.name}` : null;
});
