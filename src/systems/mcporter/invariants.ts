/** What must hold of mcporter's daemons: how many survive, who reaches them, and under which configuration. */
import { parseStatus } from '../../model/index.ts';
import type { Stat } from '../../ports/index.ts';
import { eventually, type Invariant, oneSurvivor, type World } from '../../scenario/index.ts';
import { isA, MS_PER_TICK, neverMarked, onChange, type SeenProcess } from '../vocabulary/index.ts';
import { formatLayers, type Layers } from './programs/config-layers.ts';
import { CONFIG, METADATA, SOCKET } from './setup.ts';

/** Hosts that run; one that is stopped for good neither serves nor harms. One that stands by counts once it owns. */
export function survivorsOf({ processes, currentClaims }: World): SeenProcess[] {
  const owns = (process: SeenProcess): boolean => currentClaims.some((claim) => claim.process === process);
  return processes.filter(
    (process) =>
      process.state === 'running' &&
      (process.command[0] === 'host' || (isA(process, 'standby') && owns(process))),
  );
}

/** Whether a process listens at a Unix socket of this path. */
export function isBoundTo(world: World, process: SeenProcess, path: string): boolean {
  const bound = world.machine.fs.lookupSocket(process, path);
  return [...process.fds.values()].some((description) => description === bound);
}

/** The daemon that a client reaches by the socket. */
function reachableOf(world: World): SeenProcess | undefined {
  return survivorsOf(world).find((process) => isBoundTo(world, process, SOCKET));
}

/** What the pull request promises of every way to start: one daemon is left. */
export const oneDaemonSurvives = oneSurvivor({
  among: survivorsOf,
  because: (world) => `reachable: ${reachableOf(world)?.name ?? 'none'}`,
});

/** Nor are there two at any moment, both running and both sure of it. */
export const atMostOneDaemon = onChange('at most one daemon', ({ currentClaims }) => {
  const daemons = currentClaims.filter(({ process }) => process.state === 'running');
  if (daemons.length < 2) return null;
  return `${daemons.length} daemons at once: ${daemons.map(({ process }) => process.name).join(' and ')}`;
});

/** And if one is left, it is the one that clients find: by the socket, and by the metadata. */
export const survivorReachable = eventually('the survivor is reachable', (world) => {
  const [survivor] = survivorsOf(world);
  if (survivor === undefined) return null;
  const reachable = reachableOf(world);
  if (reachable === undefined) return `${survivor.name} survives, and is not reachable at ${SOCKET}`;
  const metadata = parseStatus(world.files()[METADATA] ?? '');
  return metadata?.pid === reachable.pid
    ? null
    : `${reachable.name} serves, but the metadata name PID ${metadata?.pid ?? 'none'}`;
});

/** A user who asks for another daemon gets one: the first has ended. */
export const replaced = eventually('the daemon is another one', ({ processes }) => {
  const first = processes.find(({ command }) => command[0] === 'host');
  return first?.alive ? `${first.name} is still there` : null;
});

/** A service manager does not start a program again and again that leaves each time. */
export const notInVain = neverMarked(
  'no start is in vain',
  'started-in-vain',
  'launchd starts a daemon again that has left because another serves',
);

/** Every client and every detached start is served. */
export const noneStranded = onChange('no client is stranded', ({ marks, processes }) => {
  const crashed = processes.find(({ crash }) => crash !== undefined);
  if (crashed !== undefined) return `${crashed.name} has crashed: ${crashed.crash}`;
  return marks.has('stranded') ? 'a client was not served' : null;
});

/** The daemon that is left runs under the configuration as it is in the end. */
export function currentConfigurationBy(how: Layers): Invariant {
  return eventually('the survivor has the current configuration', (world) => {
    const [survivor] = survivorsOf(world);
    const metadata = parseStatus(world.files()[METADATA] ?? '');
    if (survivor === undefined || metadata === null) return null;
    const current = formatLayers(configurationOf(world, survivor), how);
    return metadata.config === current ? null : `it has ${metadata.config}, and now there is ${current}`;
  });
}

export const currentConfiguration = currentConfigurationBy('shared');

/** It has read it when it started: whatever the times of the file say, that was after its last change. */
export const startedAfterEdit = eventually('the survivor has seen the last edit', (world) => {
  const [survivor] = survivorsOf(world);
  const stat = survivor === undefined ? null : configurationOf(world, survivor);
  if (survivor === undefined || stat === null) return null;
  const { clocks } = world.machine;
  const startedMs = clocks.wallMs() - clocks.monotonicMs() + survivor.startTicks * MS_PER_TICK;
  return startedMs > stat.ctimeMs - MS_PER_TICK ? null : `${survivor.name} has started before it`;
});

function configurationOf({ machine }: World, viewer: SeenProcess): Stat | null {
  const stat = machine.fs.call(viewer, { op: 'stat', path: CONFIG });
  return 'ctimeMs' in stat ? stat : null;
}

/** As long as the configuration is not edited, no client restarts a daemon. */
export const freshNotRestarted = neverMarked(
  'a fresh daemon is not restarted',
  'restart',
  'a client restarts a daemon that is alive and well, and nothing has changed',
);

/** As long as it is not edited, and no daemon is stopped, none is found stale. */
export const noneStale = neverMarked(
  'no daemon is found stale',
  'stop-stale',
  'a daemon is stopped, and nothing has changed',
);

/** Temporary files of writers that are gone. */
export const noLitter = eventually('no litter', (world) => {
  const litter = Object.keys(world.files()).filter((path) => path.endsWith('.tmp'));
  return litter.length === 0 ? null : `left behind: ${litter.join(', ')}`;
});
