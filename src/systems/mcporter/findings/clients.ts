/** Clients, which find no daemon or cut each other off. */
import type { Scenario } from '../../../scenario/index.ts';
import { at, scenariosOf, times } from '../../vocabulary/index.ts';
import { LONGEST_START_MS, MS, RARE_LOOKS } from '../constants.ts';
import { noLitter, noneStranded } from '../invariants.ts';
import { MERGED, mcporter, merged } from '../programs/rules.ts';
import { METADATA } from '../setup.ts';

const RARELY = { ...MERGED, looks: RARE_LOOKS };

export const OF_CLIENTS: readonly Scenario[] = scenariosOf('mcporter/after', merged, {
  'restart-cascade': {
    about: 'the daemon is killed during two calls: one client starts a new one, the other stops that',
    remedy: 'restart only the daemon that failed, by its PID and start time: another one is left alone',
    breaks: noneStranded,
    programs: mcporter({ ...RARELY, callMs: 1_000 }),
    start: ['terminal 1000:SIGKILL', at(500, times(2, 'client'))],
  },
  'frozen-asked-again': {
    about: 'a client replaces a frozen daemon, and asks the frozen one again: for 30 s, when it has 10 s',
    remedy: 'no single question takes longer than the whole wait may',
    breaks: noneStranded,
    programs: mcporter(RARELY),
    start: ['terminal 500:SIGSTOP', at(1_000, 'client')],
    settleMs: 3 * LONGEST_START_MS,
  },
  'lock-timeout': {
    about: 'with that fixed: a start may hold the client lock for 45 s, and others wait only 30 s for it',
    remedy: 'wait for as long as the holder may legally take, or ask it how far it is',
    breaks: noneStranded,
    programs: mcporter({
      ...MERGED,
      looks: { ...RARE_LOOKS, lockPollMs: 10_000 },
      readyRequestMs: MS.probe,
    }),
    start: ['terminal 500:SIGSTOP', at(1_000, times(2, 'client'))],
    settleMs: 2 * LONGEST_START_MS,
  },
  'clock-jump': {
    about: 'deadlines use the wall clock: when it is corrected, a client that waits gives up at once',
    remedy: 'deadlines of the monotonic clock',
    breaks: noneStranded,
    start: ['client'],
    faults: { 'clock-jump': { max: 1, forMs: [3_600_000] } },
  },
  'hostile-metadata': {
    about: 'the metadata are JSON of another shape: every client crashes on them, and none restores them',
    remedy: 'check the shape of what was read; what does not fit counts as missing',
    breaks: noneStranded,
    start: ['client'],
    machine: { files: { [METADATA]: '[]\n' } },
    crashes: 'allowed',
  },
  litter: {
    about: 'a host is killed while it writes the metadata: its temporary file is never removed',
    remedy: 'file names that say which process made them, and an owner that removes those of dead processes',
    breaks: noLitter,
    start: ['host', at(500, 'host')],
    faults: { kill: 1 },
  },
});
