/** What must hold of sessions, of their lock, and of their Chromes. */
import { type Complaint, eventually, type Invariant, oneSurvivor, type World } from '../../scenario/index.ts';
import {
  FIRST_TICKS,
  forEachNew,
  MS_PER_TICK,
  neverMarked,
  noneLeft,
  onChange,
  type SeenProcess,
  whenMarked,
} from '../vocabulary/index.ts';
import { LIMITS, TAKEOVER_MS } from './constants.ts';
import { flagOf } from './programs/chrome.ts';
import { parseRecord } from './programs/controller-lock.ts';
import { CDP_PORT, LOCK } from './setup.ts';

/** When a process started, in milliseconds since the run began. */
export function startedMs({ startTicks }: SeenProcess): number {
  return (startTicks - FIRST_TICKS) * MS_PER_TICK;
}

/** The Chrome that answers on the debugging port, or would, if it were not stopped. */
export function chromeOnPort(world: World): SeenProcess | undefined {
  return world.listenersOn(CDP_PORT).find(({ command }) => command[0] === 'chrome');
}

function serves(session: SeenProcess, world: World): boolean {
  const chrome = chromeOnPort(world);
  return session.state === 'running' && chrome?.state === 'running' && chrome.parent === session;
}

/** The owner that the lock file names. */
export function lockOwner(world: World): SeenProcess | undefined {
  const pid = parseRecord(world.files()[LOCK] ?? '')?.pid;
  return world.processes.find((process) => process.alive && process.pid === pid);
}

function whyNoneServes(world: World): Complaint {
  const owner = lockOwner(world);
  if (owner !== undefined && serves(owner, world)) return null;
  const chrome = chromeOnPort(world);
  const held = owner === undefined ? 'the lock is free' : `${owner.name} holds the lock (${owner.state})`;
  const answering =
    chrome === undefined ? 'no Chrome is there' : `on its port is ${chrome.name} (${chrome.state})`;
  return `no session serves: ${held}; ${answering}`;
}

/** A living session has the lock, and its Chrome answers. */
export const aSessionServes = oneSurvivor({
  among: (world) =>
    [lockOwner(world)].filter((owner) => owner !== undefined && serves(owner, world)) as SeenProcess[],
  because: (world) => whyNoneServes(world) ?? '',
});

/** As {@link aSessionServes}; but it counts only if the reason is this one. */
export function notStarvedBy(name: string, cause: (world: World) => boolean): Invariant {
  return eventually(name, (world) => (cause(world) ? whyNoneServes(world) : null));
}

/** Two owners, and this mark was made as often as it takes to come to that. */
export function oneOwnerDespite(name: string, mark: string, times = 1): Invariant {
  return onChange(name, ({ currentClaims, marks }) => {
    if (currentClaims.length < 2 || (marks.get(mark) ?? 0) < times) return null;
    return `${currentClaims.length} owners at once: ${currentClaims.map(({ process }) => process.name).join(' and ')}`;
  });
}

/** Healthy: its Chrome answers, or has all of its launch budget before it. */
export const healthyOwnerStays = forEachNew(
  'a healthy owner is never evicted',
  ({ evictions }) => evictions,
  ({ by, of }, world) => {
    if (serves(of, world)) return `${by.name} evicts ${of.name}, whose Chrome answers`;
    const launches = of.children?.find(({ alive, command }) => alive && command[0] === 'chrome');
    if (launches === undefined || world.nowMs - startedMs(launches) > LIMITS.launchMs) return null;
    return `${by.name} evicts ${of.name}, which has been launching its Chrome for ${Math.round(world.nowMs - startedMs(launches))} ms`;
  },
);

const IN_TIME = 'a half-zombie is taken over within about 2 s';

function tooLate(contender: SeenProcess, { nowMs }: World): Complaint {
  const tookMs = nowMs - startedMs(contender);
  return tookMs <= TAKEOVER_MS ? null : `${contender.name} took ${Math.round(tookMs)} ms`;
}

/** From a contender's start to the removal of a half-zombie's lock. */
export const takenOverInTime = forEachNew(
  IN_TIME,
  ({ evictions }) => evictions,
  ({ by }, world) => tooLate(by, world),
);

/** From the start of a contender that comes long after Chrome has gone, to its takeover. */
export function takenOverInTimeFrom(fromMs: number): Invariant {
  return whenMarked(IN_TIME, 'takeover', (world) => {
    const contender = world.processes.find(
      (process) => process.alive && startedMs(process) >= fromMs && process.command[0] === 'serve',
    );
    return contender === undefined ? null : tooLate(contender, world);
  });
}

/** An evicted session has no Chrome on the port of its successor. */
export const evictedOwnerIsQuiet = onChange('an evicted owner starts no Chrome', (world) => {
  const chrome = chromeOnPort(world);
  const evicted = world.evictions.find(({ of }) => of === chrome?.parent);
  if (chrome === undefined || evicted === undefined) return null;
  return `${evicted.of.name} was evicted by ${evicted.by.name}, and has started ${chrome.name} on TCP port ${CDP_PORT}`;
});

/** Checked when a lock is removed with this mark: not while its owner serves. */
export function servingOwnersLockStays(mark: string): Invariant {
  return whenMarked('the lock of an owner that serves is not removed', mark, (world) => {
    const session = world.currentClaims.find(({ process }) => serves(process, world))?.process;
    return session === undefined ? null : `the lock of ${session.name} was removed (${mark})`;
  });
}

export const workingChromeStays = whenMarked('a working Chrome is not torn down', 'self-release', (world) => {
  const chrome = chromeOnPort(world);
  return chrome?.state === 'running' ? `its owner gives up while ${chrome.name} works` : null;
});

/** A single failure, or a crash, is no reason. */
export const givesUpAfterTwoFailures = whenMarked(
  'an owner gives up only after two relaunches that failed',
  'self-release',
  ({ marks }) => {
    const failures = marks.get('relaunch-failed') ?? 0;
    return failures >= LIMITS.failuresToRelease ? null : `${failures} relaunches had failed`;
  },
);

export const noneGivesUp = neverMarked('no owner gives up', 'self-release', 'an owner has given up');

/** A host that is refused gets an explanation, and not a closed connection. */
export const everyHostLearnsWhy = neverMarked(
  'every host learns why it is not served',
  'host-unexplained',
  'a host sees nothing but "-32000: connection closed"',
);

function orphanComplaint({ name, command }: SeenProcess): string {
  return `${name} (TCP port ${flagOf(command, 'remote-debugging-port')}) runs on without its session`;
}

export function isOrphan({ alive, foreign, command, parent }: SeenProcess): boolean {
  return alive && !foreign && command[0] === 'chrome' && !(parent?.alive ?? false);
}

/** A Chrome that openchrome has started has its session. */
export const noOrphan = noneLeft('no orphan', isOrphan, orphanComplaint);

/** As {@link noOrphan}, under another name; but it counts only for this reason. */
export function noOrphanBy(
  name: string,
  cause: (world: World, orphan: SeenProcess) => boolean = () => true,
): Invariant {
  return eventually(name, (world) => {
    const orphan = world.processes.find(isOrphan);
    return orphan !== undefined && cause(world, orphan) ? orphanComplaint(orphan) : null;
  });
}
