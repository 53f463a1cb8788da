import { always, type Complaint, eventually, type Invariant, type World } from '../../scenario/index.ts';
import { flagOf } from './chrome.ts';
import { parseRecord } from './controller-lock.ts';
import { CDP_PORT, FIGURES, LOCK, TAKEOVER_MS } from './setup.ts';

type Process = World['processes'][number];

/** Simulated machines have been up for so long when a run begins. */
const UPTIME_MS = 1_000_000;
const MS_PER_TICK = 10;

/** Asked once for each thing that is new in a list, at the moment it is: what is true then need not be true later. */
function forEachNew<T>(
  list: (world: World) => readonly T[],
  judge: (thing: T, world: World) => Complaint,
): (world: World) => Complaint {
  const seen = Symbol('seen');
  return (world) => {
    const things = list(world);
    const from = (world.notes.get(seen) as number | undefined) ?? 0;
    if (things.length === from) return null;
    world.notes.set(seen, things.length);
    for (const thing of things.slice(from)) {
      const complaint = judge(thing, world);
      if (complaint !== null) return complaint;
    }
    return null;
  };
}

/** Asked at the moment at which a program says something. */
export function whenever(name: string, mark: string, judge: (world: World) => Complaint): Invariant {
  const times = ({ marks }: World): readonly number[] => Array.from({ length: marks.get(mark) ?? 0 });
  return always(
    name,
    forEachNew(times, (_, world) => judge(world)),
    { when: 'change' },
  );
}

export function startedMs({ startTicks }: Process): number {
  return startTicks * MS_PER_TICK - UPTIME_MS;
}

/** The Chrome that answers on the debugging port, or would, if it were not stopped. */
export function chromeOnPort(world: World): Process | undefined {
  return world.listenersOn(CDP_PORT).find(({ command }) => command[0] === 'chrome');
}

function serves(session: Process, world: World): boolean {
  const chrome = chromeOnPort(world);
  return session.state === 'running' && chrome?.state === 'running' && chrome.parent === session;
}

/** Who the lock file says owns it. */
export function lockOwner(world: World): Process | undefined {
  const pid = parseRecord(world.files()[LOCK] ?? '')?.pid;
  return world.processes.find((process) => process.alive && process.pid === pid);
}

function whyNobodyServes(world: World): Complaint {
  const owner = lockOwner(world);
  if (owner !== undefined && serves(owner, world)) return null;
  const chrome = chromeOnPort(world);
  const held =
    owner === undefined ? 'nobody holds the lock' : `${owner.name} holds the lock (${owner.state})`;
  const answering =
    chrome === undefined ? 'no Chrome is there' : `on its port is ${chrome.name} (${chrome.state})`;
  return `no session serves: ${held}; ${answering}`;
}

/** Somebody's lock is there, and its Chrome answers. */
export const aSessionServes = eventually('a session serves', whyNobodyServes);

/** As {@link aSessionServes}; but it counts only if the reason is this one. */
export function notStarvedBy(name: string, cause: (world: World) => boolean): Invariant {
  return eventually(name, (world) => (cause(world) ? whyNobodyServes(world) : null));
}

/** Two owners, and it has come to that by this act, so many times. */
export function oneOwnerDespite(name: string, mark: string, times: number): Invariant {
  return always(
    name,
    ({ currentClaims, marks }) => {
      if (currentClaims.length < 2 || (marks.get(mark) ?? 0) < times) return null;
      return `${currentClaims.length} owners at once: ${currentClaims.map(({ process }) => process.name).join(' and ')}`;
    },
    { when: 'change' },
  );
}

/** Healthy: its Chrome answers, or has all of its launch budget before it. */
export const healthyOwnerStays = always(
  'a healthy owner is never evicted',
  forEachNew(
    ({ evictions }) => evictions,
    ({ by, of }, world) => {
      if (serves(of, world)) return `${by.name} evicts ${of.name}, whose Chrome answers`;
      const launches = of.children?.find(({ alive, command }) => alive && command[0] === 'chrome');
      if (launches === undefined || world.nowMs - startedMs(launches) > FIGURES.launchMs) return null;
      return `${by.name} evicts ${of.name}, which has been launching its Chrome for ${Math.round(world.nowMs - startedMs(launches))} ms`;
    },
  ),
  { when: 'change' },
);

/** From a contender's start to the removal of a half-zombie's lock. */
export const takenOverInTime = always(
  'a half-zombie is taken over within about 2 s',
  forEachNew(
    ({ evictions }) => evictions,
    ({ by }, { nowMs }) => {
      const tookMs = nowMs - startedMs(by);
      return tookMs <= TAKEOVER_MS ? null : `${by.name} took ${Math.round(tookMs)} ms`;
    },
  ),
  { when: 'change' },
);

/** Who has been evicted has no Chrome on the port of its successor. */
export const evictedOwnerIsQuiet = always(
  'an evicted owner starts no Chrome',
  (world) => {
    const chrome = chromeOnPort(world);
    const evicted = world.evictions.find(({ of }) => of === chrome?.parent);
    if (chrome === undefined || evicted === undefined) return null;
    return `${evicted.of.name} was evicted by ${evicted.by.name}, and has started ${chrome.name} on TCP port ${CDP_PORT}`;
  },
  { when: 'change' },
);

/** Asked when a lock is removed, by whichever judgement: not while its owner serves. */
export function servingOwnersLockStays(mark: string): Invariant {
  return whenever('the lock of an owner that serves is not removed', mark, (world) => {
    const session = world.currentClaims.find(({ process }) => serves(process, world))?.process;
    return session === undefined ? null : `the lock of ${session.name} was removed (${mark})`;
  });
}

export const workingChromeStays = whenever('a working Chrome is not torn down', 'self-release', (world) => {
  const chrome = chromeOnPort(world);
  return chrome?.state === 'running' ? `its owner gives up while ${chrome.name} works` : null;
});

/** A single failure, or a crash, is no reason. */
export const givesUpAfterTwoFailures = whenever(
  'an owner gives up only after two relaunches that failed',
  'self-release',
  ({ marks }) => {
    const failures = marks.get('relaunch-failed') ?? 0;
    return failures >= FIGURES.failuresToRelease ? null : `${failures} relaunches had failed`;
  },
);

export const nobodyGivesUp = always(
  'nobody gives up',
  ({ marks }) => (marks.has('self-release') ? 'an owner has given up' : null),
  { when: 'change' },
);

/** A host that is refused gets an explanation, and not a closed connection. */
export const everyHostLearnsWhy = always(
  'every host learns why it is not served',
  ({ marks }) =>
    marks.has('host-unexplained') ? 'a host sees nothing but "-32000: connection closed"' : null,
  { when: 'change' },
);

/** A Chrome that openchrome has started has its session. */
export const noOrphan = eventually('no orphan', (world) => {
  const orphan = world.processes.find(isOrphan);
  if (orphan === undefined) return null;
  return `${orphan.name} (TCP port ${flagOf(orphan.command, 'remote-debugging-port')}) runs on without its session`;
});

export function isOrphan({ alive, foreign, command, parent }: Process): boolean {
  return alive && !foreign && command[0] === 'chrome' && !(parent?.alive ?? false);
}
