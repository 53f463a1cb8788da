/** The wrong process answers, a process that hangs counts as healthy, or the grace is measured by the wall clock. */
import type { Scenario, World } from '../../../scenario/index.ts';
import { afterFaults, at, foreign, scenariosOf } from '../../vocabulary/index.ts';
import { after } from '../after.ts';
import { chromeOnPort, healthyOwnerStays, isOrphan, lockOwner, notStarvedBy } from '../invariants.ts';
import { chrome } from '../programs/chrome.ts';
import { oldLock } from '../programs/controller-lock.ts';
import { markerOf, ORPHAN } from './orphans.ts';

const HOUR_MS = 3_600_000;
/** A process is stopped once, and never goes on. */
const FOR_EVER = { max: 1, forMs: [Number.POSITIVE_INFINITY] } as const;

const ASK_THE_OWNER = 'Ask the owner itself, and have it answer with a nonce that its lock contains.';
const BY_MONOTONIC_CLOCK = 'Measure the grace by the monotonic clock of the process that waits.';

const isOwnerStopped = (world: World): boolean => lockOwner(world)?.state === 'stopped';

const orphanAnswers = notStarvedBy('an orphan Chrome does not keep sessions waiting', (world) => {
  const chrome = chromeOnPort(world);
  return isOwnerStopped(world) && chrome?.state === 'running' && isOrphan(chrome);
});
const hungOwner = notStarvedBy(
  'a hung owner does not keep sessions waiting',
  (world) => isOwnerStopped(world) && chromeOnPort(world)?.parent === lockOwner(world),
);
const hungChrome = notStarvedBy(
  'a hung Chrome does not keep sessions waiting',
  (world) => chromeOnPort(world)?.state === 'stopped',
);
const putBackClock = notStarvedBy(
  'a clock that is put back does not keep sessions waiting',
  ({ machine }) => machine.clocks.wallOffsetMs < 0,
);

const LAUNCHING = {
  remedy: BY_MONOTONIC_CLOCK,
  breaks: healthyOwnerStays,
  programs: { chrome: chrome({ bootMs: 5_000 }) },
  start: ['serve', at(1_000, 'serve')],
  faultsForMs: 4_000,
};

export const OF_PROBES: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'orphan-answers': {
    about: 'the probe asks a port, not an owner: an orphan Chrome answers there for a hung owner',
    remedy: ASK_THE_OWNER,
    breaks: orphanAnswers,
    start: [ORPHAN, at(1_000, 'serve'), afterFaults('serve', 130_000)],
    faults: { stop: FOR_EVER },
    faultsForMs: 1_100,
    settleMs: 132_000,
    machine: { files: { ...oldLock({ pid: 999 }), ...markerOf(999) } },
  },
  'hung-owner': {
    about: 'an owner hangs while its Chrome answers: contenders see it as healthy, its own host gets nothing',
    remedy: ASK_THE_OWNER,
    breaks: hungOwner,
    start: ['serve', afterFaults('serve', 130_000)],
    faults: { stop: FOR_EVER },
    faultsForMs: 2_000,
    settleMs: 132_000,
  },
  'hung-chrome': {
    about: 'Chrome hangs: the watchdog looks only at its PID, and a successor finds the port held',
    remedy: 'Let the watchdog ask Chrome, not its PID; end an evicted owner and its children before acting.',
    breaks: hungChrome,
    start: ['serve', afterFaults('serve', 125_000)],
    faults: { stop: FOR_EVER },
    faultsForMs: 21_000,
    settleMs: 165_000,
  },
  suspend: {
    ...LAUNCHING,
    about: 'the machine sleeps while an owner launches its Chrome: the grace is over, it is evicted',
    faults: { suspend: { max: 1, forMs: [HOUR_MS] } },
  },
  'clock-forward': {
    ...LAUNCHING,
    about: 'the wall clock is put forward while an owner launches its Chrome: the grace is over at once',
    faults: { 'clock-jump': { max: 1, forMs: [HOUR_MS] } },
  },
  'clock-back': {
    about: 'the wall clock is put back by an hour: for that hour a half-zombie counts as just started',
    remedy: BY_MONOTONIC_CLOCK,
    breaks: putBackClock,
    start: [foreign('sleeper'), at(500, 'serve'), afterFaults('serve', 1_000)],
    machine: { files: oldLock({}) },
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    faultsForMs: 1_000,
  },
});
