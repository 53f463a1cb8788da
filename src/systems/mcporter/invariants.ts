import { parseStatus } from '../../model/index.ts';
import type { Stat } from '../../ports/index.ts';
import { always, eventually, type Invariant, type World } from '../../scenario/index.ts';
import { formatLayers, type Layers } from './config-layers.ts';
import { CONFIG, METADATA, SOCKET } from './setup.ts';

type Process = World['processes'][number];

/** Hosts that run; one that is stopped for good serves nobody and harms nobody. */
export function survivorsOf({ processes }: World): Process[] {
  return processes.filter(({ command, state }) => command[0] === 'host' && state === 'running');
}

/** Whom a client reaches by the socket; null: nobody. */
export function reachableOf(world: World): Process | null {
  for (const process of survivorsOf(world)) {
    const bound = world.machine.fs.lookupSocket(process, SOCKET);
    for (const description of process.fds.values()) if (description === bound) return process;
  }
  return null;
}

/** What the pull request promises of every way to start: one daemon is left. */
export const oneSurvivor: Invariant = eventually('one survivor', (world) => {
  const survivors = survivorsOf(world);
  if (survivors.length === 1) return null;
  const names = survivors.map(({ name }) => name).join(' and ') || 'none';
  return `${survivors.length} daemons survive (${names}); reachable: ${reachableOf(world)?.name ?? 'none'}`;
});

/** Nor are there two at any moment, both running and both sure of it. */
export const atMostOneDaemon: Invariant = always(
  'at most one daemon',
  ({ currentClaims }) => {
    const daemons = currentClaims.filter(({ process }) => process.state === 'running');
    if (daemons.length < 2) return null;
    return `${daemons.length} daemons at once: ${daemons.map(({ process }) => process.name).join(' and ')}`;
  },
  { when: 'change' },
);

/** And if one is left, it is the one that clients find: by the socket, and by the metadata. */
export const survivorReachable: Invariant = eventually('who survives is reachable', (world) => {
  const [survivor] = survivorsOf(world);
  if (survivor === undefined) return null;
  const reachable = reachableOf(world);
  if (reachable === null) return `${survivor.name} survives, and nobody reaches it at ${SOCKET}`;
  const metadata = parseStatus(world.files()[METADATA] ?? '');
  return metadata?.pid === reachable.pid
    ? null
    : `${reachable.name} serves, but the metadata name PID ${metadata?.pid ?? 'none'}`;
});

/** Every client and every detached start gets what it came for. */
export const nobodyStranded: Invariant = always(
  'no client is stranded',
  ({ marks, processes }) => {
    const crashed = processes.find(({ crash }) => crash !== undefined);
    if (crashed !== undefined) return `${crashed.name} has crashed: ${crashed.crash}`;
    return marks.has('stranded') ? 'a client came to nothing' : null;
  },
  { when: 'change' },
);

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

export const currentConfiguration: Invariant = currentConfigurationBy('shared');

/** It has read it when it started: whatever the times of the file say, that was after its last change. */
export const startedAfterEdit: Invariant = eventually('the survivor has seen the last edit', (world) => {
  const [survivor] = survivorsOf(world);
  const stat = survivor === undefined ? null : configurationOf(world, survivor);
  if (survivor === undefined || stat === null) return null;
  const { machine } = world;
  const startedMs = machine.wallMs() - machine.monotonicMs() + survivor.startTicks * MS_PER_TICK;
  return startedMs > stat.ctimeMs - MS_PER_TICK ? null : `${survivor.name} has started before it`;
});

/** USER_HZ is 100 on every common Linux. */
const MS_PER_TICK = 10;

function configurationOf({ machine }: World, viewer: Process): Stat | null {
  const stat = machine.fs.stat(viewer, CONFIG);
  return 'ctimeMs' in stat ? stat : null;
}

/** Where nobody edits the configuration, no client restarts a daemon. */
export const freshNotRestarted: Invariant = always(
  'a fresh daemon is not restarted',
  ({ marks }) =>
    marks.has('restart')
      ? 'a client restarts a daemon that is alive and well, and nothing has changed'
      : null,
  { when: 'change' },
);

/** Where nobody edits it, or stops a daemon, nobody finds one stale. */
export const nobodyStale: Invariant = always(
  'nobody is found stale',
  ({ marks }) => (marks.has('stop-stale') ? 'a daemon is stopped, and nothing has changed' : null),
  { when: 'change' },
);

/** Temporary files of writers that are gone. */
export const noLitter: Invariant = eventually('no litter', (world) => {
  const litter = Object.keys(world.files()).filter((path) => path.endsWith('.tmp'));
  return litter.length === 0 ? null : `left behind: ${litter.join(', ')}`;
});
