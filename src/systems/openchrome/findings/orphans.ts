/** What the reaper leaves, and which process it ends by mistake. */
import { nothingForeignSignalled, type Scenario } from '../../../scenario/index.ts';
import { afterFaults, at, FIRST_PID, foreign, scenariosOf } from '../../vocabulary/index.ts';
import { after } from '../after.ts';
import { CHROME_BOOT_MS, LIMITS } from '../constants.ts';
import { noOrphanBy } from '../invariants.ts';
import { chromeFlags } from '../programs/chrome.ts';
import { guardian } from '../programs/guardian.ts';
import { MANAGED } from '../programs/launcher.ts';
import { AFTER, serve } from '../programs/session.ts';
import { PROFILE } from '../setup.ts';

const MARKER = `${PROFILE}/.openchrome-managed`;

/** Beside the profile of the first process, an orphan: its session. */
export function markerOf(ppid: number): Record<string, string> {
  return { [MARKER]: JSON.stringify({ pid: FIRST_PID, ppid, userDataDir: PROFILE }) };
}

/** A managed Chrome whose owner is gone. */
export const ORPHAN = `chrome ${chromeFlags(MANAGED).join(' ')}`;

const unmarked = noOrphanBy('a Chrome is marked before it can be left behind', (world, { pid }) => {
  return !(world.files()[MARKER] ?? '').includes(`"pid":${pid},`);
});
/** Its marker is there when the next session comes, and overwritten in the end. */
const reapedInAnyCase = noOrphanBy('an orphan is reaped even when its owner’s PID was reused');

/** A watchdog process that has seen the end of the session has ended too. */
const guardedInAnyCase = noOrphanBy(
  'a watchdog process ends its Chrome even when the PID of its session was reused',
);

/** Nothing else happens after its watchdog process is there. */
const CRASHED_AT_MS = 2_000;

/** By then an orphan listens on its TCP port. */
const REAPED_AT_MS = CHROME_BOOT_MS + 100;

export const OF_ORPHANS: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'unmarked-orphan': {
    about: 'an owner is killed between the start of its Chrome and the marker: that Chrome is never reaped',
    remedy: 'Put the mark where it cannot be late: on the command line of the child.',
    breaks: unmarked,
    start: ['serve', afterFaults('serve')],
    faults: { kill: 1 },
    faultsForMs: 50,
    settleMs: 5_000,
  },
  'owners-pid-reused': {
    about: 'a foreign process has the PID of an orphan’s owner: the orphan keeps port and profile',
    remedy: 'Name owners by PID and start time.',
    breaks: reapedInAnyCase,
    start: [ORPHAN, foreign('sleeper'), at(1_000, 'serve')],
    machine: { files: markerOf(FIRST_PID + 1) },
    faultsForMs: 1_500,
  },
  'reaper-kill-gap': {
    about: 'between the reaper’s look and its signal, an orphan’s PID goes to a foreign process',
    remedy: 'Bind the signal to the start time (a pidfd): check and signal in one operation.',
    breaks: nothingForeignSignalled,
    start: [
      ORPHAN,
      at(REAPED_AT_MS, 'serve'),
      // It ends while the reaper looks.
      foreign(at(REAPED_AT_MS + 0.2, 'script crash-chrome')),
    ],
    machine: { files: markerOf(999) },
    faults: { 'pid-reuse': 1 },
    faultsForMs: REAPED_AT_MS + 1,
    settleMs: 100,
  },
  'watchdog-pid-reused': {
    about: 'between two looks of the watchdog process an owner dies, and its PID goes to a foreign process',
    remedy: 'Watch the process, not its PID: by a pidfd, or by a pipe that breaks when it ends.',
    breaks: guardedInAnyCase,
    programs: { guardian, serve: serve(AFTER, { guarded: true }) },
    start: ['serve', foreign(at(CRASHED_AT_MS, 'script crash-owner'))],
    faults: { 'pid-reuse': 1 },
    faultsForMs: CRASHED_AT_MS + LIMITS.guardianPollMs,
    settleMs: 2_000,
  },
  'watchdog-kills-foreign': {
    about:
      'the Chrome ends upon SIGTERM, its PID goes to a foreign process, and the watchdog process kills that',
    remedy: 'Signal a process by PID and start time (a pidfd).',
    breaks: nothingForeignSignalled,
    programs: { guardian, serve: serve(AFTER, { guarded: true }) },
    start: ['serve', foreign(at(CRASHED_AT_MS, 'script crash-owner'))],
    faults: { 'pid-reuse': 1 },
    faultsForMs: CRASHED_AT_MS + LIMITS.guardianPollMs + LIMITS.guardianGraceMs,
    settleMs: 1_000,
  },
});
