import { eventually, nothingForeignSignalled, type Scenario } from '../../../scenario/index.ts';
import { openchrome } from '../before.ts';
import { noOrphan } from '../invariants.ts';
import { CHROME_BOOT_MS, PROFILE } from '../setup.ts';
import { known, markerOf, ORPHAN, whenOrphan } from './setup.ts';

const unmarked = whenOrphan('a Chrome is marked before it can be left behind', (world, pid) => {
  const marker = world.files()[`${PROFILE}/.openchrome-managed`] ?? '';
  return !marker.includes(`"pid":${pid},`);
});
/** Its marker is there when the next session comes, and overwritten by then in the end. */
const strangersPid = eventually('an orphan is reaped, whoever bears its owner’s PID', noOrphan.check);

/** By then an orphan listens on its TCP port. */
const REAPED_AT_MS = CHROME_BOOT_MS + 100;

/** What the reaper leaves, and whom it ends. */
export const OF_ORPHANS: readonly Scenario[] = [
  openchrome({
    ...known,
    id: 'openchrome/after/unmarked-orphan',
    about:
      'an owner is killed between the start of its Chrome and the marker: nobody will ever reap that Chrome',
    violates: unmarked.name,
    remedy: 'Put the mark where it cannot be late: on the command line of the child.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle' }],
    faults: { kill: 1 },
    faultsForMs: 50,
    settleMs: 5_000,
    invariants: [unmarked],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/owners-pid-reused',
    about:
      'a stranger bears the PID of an orphan’s owner: the orphan counts as cared for, and holds port and profile',
    violates: strangersPid.name,
    remedy: 'Name owners by PID and start time.',
    start: [ORPHAN, { program: 'sleeper', foreign: true }, { program: 'serve', atMs: 1_000 }],
    machine: { files: markerOf(1_002) },
    faultsForMs: 1_500,
    invariants: [strangersPid],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/reaper-kill-gap',
    about:
      'between the reaper’s looks and its signal the orphan ends and its PID goes to a stranger, who is killed',
    violates: nothingForeignSignalled.name,
    remedy: 'Bind the signal to the start time (a pidfd): check and signal in one operation.',
    start: [
      ORPHAN,
      { program: 'serve', atMs: REAPED_AT_MS },
      // Somebody ends it while the reaper looks.
      { program: 'script', argv: ['crash-chrome'], foreign: true, atMs: REAPED_AT_MS + 0.2 },
    ],
    machine: { files: markerOf(999) },
    faults: { 'pid-reuse': 1 },
    faultsForMs: REAPED_AT_MS + 1,
    settleMs: 100,
    invariants: [nothingForeignSignalled],
  }),
];
