import type { Scenario } from '../../../scenario/index.ts';
import { openchrome } from '../before.ts';
import { chromeOnPort, isOrphan, lockOwner, notStarvedBy } from '../invariants.ts';
import { DEAD, FOR_EVER, known, markerOf, ORPHAN } from './setup.ts';

const orphanAnswers = notStarvedBy('an orphan Chrome starves nobody', (world) => {
  const chrome = chromeOnPort(world);
  return lockOwner(world)?.state === 'stopped' && chrome?.state === 'running' && isOrphan(chrome);
});
const hungOwner = notStarvedBy('a hung owner starves nobody', (world) => {
  const owner = lockOwner(world);
  return owner?.state === 'stopped' && chromeOnPort(world)?.parent === owner;
});
const hungChrome = notStarvedBy(
  'a hung Chrome starves nobody',
  (world) => chromeOnPort(world)?.state === 'stopped',
);

/** Whoever hangs, another answers; or nobody asks. */
export const OF_PROBES: readonly Scenario[] = [
  openchrome({
    ...known,
    id: 'openchrome/after/orphan-answers',
    about:
      'the probe asks a port, not an owner: an orphan Chrome that answers there keeps a hung owner in office',
    violates: orphanAnswers.name,
    remedy: 'Ask the owner itself, and have it answer with a nonce that its lock bears.',
    start: [ORPHAN, { program: 'serve', atMs: 1_000 }, { program: 'serve', phase: 'settle', atMs: 130_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 1_100,
    settleMs: 132_000,
    machine: { files: { ...DEAD, ...markerOf(999) } },
    invariants: [orphanAnswers],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/hung-owner',
    about: 'an owner hangs, its Chrome answers: contenders take that for health, its own host gets nothing',
    violates: hungOwner.name,
    remedy: 'Ask the owner itself, and have it answer with a nonce that its lock bears.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle', atMs: 130_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 2_000,
    settleMs: 132_000,
    invariants: [hungOwner],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/hung-chrome',
    about:
      'Chrome hangs: its watchdog looks at the PID only, and whoever takes over finds the port held, since the reaper spares children of the living',
    violates: hungChrome.name,
    remedy: 'Let the watchdog ask Chrome, not its PID; end an evicted owner and its children before acting.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle', atMs: 125_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 21_000,
    settleMs: 165_000,
    invariants: [hungChrome],
  }),
];
