import type { Scenario } from '../../../scenario/index.ts';
import { oldLock, openchrome } from '../before.ts';
import { chrome } from '../chrome.ts';
import { healthyOwnerStays, notStarvedBy } from '../invariants.ts';
import { known } from './setup.ts';

const HOUR_MS = 3_600_000;

const putBackClock = notStarvedBy(
  'a clock that is put back starves nobody',
  ({ machine }) => machine.wallOffsetMs < 0,
);

/** The grace is told by the wall clock. */
export const OF_CLOCKS: readonly Scenario[] = [
  openchrome({
    ...known,
    id: 'openchrome/after/suspend',
    about:
      'the machine sleeps while an owner launches its Chrome: the grace is over, and whoever wakes first evicts it',
    violates: healthyOwnerStays.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    programs: { chrome: chrome({ bootMs: 5_000 }) },
    start: [{ program: 'serve' }, { program: 'serve', atMs: 1_000 }],
    faults: { suspend: { max: 1, forMs: [HOUR_MS] } },
    faultsForMs: 4_000,
    invariants: [healthyOwnerStays],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/clock-forward',
    about: 'the wall clock is set while an owner launches its Chrome: the grace is over at once',
    violates: healthyOwnerStays.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    programs: { chrome: chrome({ bootMs: 5_000 }) },
    start: [{ program: 'serve' }, { program: 'serve', atMs: 1_000 }],
    faults: { 'clock-jump': { max: 1, forMs: [HOUR_MS] } },
    faultsForMs: 4_000,
    invariants: [healthyOwnerStays],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/clock-back',
    about: 'the wall clock is put back by an hour: for that hour a half-zombie counts as just started',
    violates: putBackClock.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'serve', atMs: 500 },
      { program: 'serve', phase: 'settle', atMs: 1_000 },
    ],
    machine: { files: oldLock({}) },
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    faultsForMs: 1_000,
    invariants: [putBackClock],
  }),
];
