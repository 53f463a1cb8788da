/** What must hold of sessions, of their lock, and of their Chromes. */
import {
  always,
  type Complaint,
  eventually,
  type Invariant,
  oneSurvivor,
  type World,
} from '../../scenario/index.ts';
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
import { CDP_PORT, LOCK, PROFILE } from './setup.ts';

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

/** At the end, so that the complaint says how many. */
export const noneRefusedInSilence = eventually('no session is refused without a reason', (world) => {
  const sessions = world.processes.filter(({ command }) => command[0] === 'serve');
  const refused = world.marks.get('host-unexplained') ?? 0;
  return refused === 0 ? null : `${refused} of ${sessions.length} sessions ended before the handshake`;
});

/** Of N hosts one is served, and each of the others is refused with a reason. */
export const oneOfAllIsServed = eventually('one session serves, and all others are refused', (world) => {
  const hosts = world.processes.filter(({ command }) => command[0] === 'host').length;
  const [served = 0, told = 0] = ['host-served', 'host-told'].map((mark) => world.marks.get(mark));
  return served === 1 && told === hosts - 1
    ? null
    : `of ${hosts} hosts ${served} were served, ${told} told why not`;
});

/**
 * Two spoil it. A Chrome has the profile when it listens; one that finds the profile locked never comes to that. Checked at
 * each step, since a Chrome makes no mark.
 */
export const oneChromePerProfile = always('one Chrome has the profile open', (world) => {
  const open = world.processes.filter(
    (process) =>
      process.alive &&
      flagOf(process.command, 'user-data-dir') === PROFILE &&
      listensAsChrome(process, world),
  );
  return open.length < 2 ? null : `${PROFILE} is open in ${open.map(({ name }) => name).join(' and ')}`;
});

function listensAsChrome(process: SeenProcess, world: World): boolean {
  const tcpPort = flagOf(process.command, 'remote-debugging-port');
  return world.listenersOn(Number(tcpPort)).includes(process);
}

/** It is launched by its owner, and never attached to. */
export const managedIsNotAttachedTo = neverMarked(
  'auto-connect does not attach to the managed profile',
  `attached-${CDP_PORT}`,
  `a session has attached to the managed Chrome on TCP port ${CDP_PORT}`,
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
