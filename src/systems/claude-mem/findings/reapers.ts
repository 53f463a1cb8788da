/** What the reapers leave, and which processes they end by mistake. */
import { nothingForeignSignalled, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  foreign,
  scenariosOf,
  signalHolders,
  times,
} from '../../vocabulary/index.ts';
import { COUNTED, shared, workerAfter } from '../after.ts';
import { ORPHAN_AGE_MS } from '../constants.ts';
import * as must from '../invariants.ts';
import { reapOnWindows } from '../programs/reaper.ts';
import { OTHER_TCP_PORT, TCP_PORT } from '../setup.ts';

/** An age in whole minutes may be off by less than this. */
const SECOND_MS = 1_000;
/** When a process that starts with the run is old enough to be reaped. */
const OLD_MS = ORPHAN_AGE_MS.after + SECOND_MS;

const SIGNALLED = sometimes('a process was signalled', ({ signals }) => signals.length > 0);

export const OF_REAPERS: readonly Scenario[] = scenariosOf('claude-mem/after', shared, {
  'young-orphans': {
    about: 'chroma-mcp of crashed workers, all young: the reaper by age finds none, so none are counted',
    remedy: 'each reaper on its own: the count does not depend on what was found by age',
    breaks: must.fewChromaProcessesInTheEnd,
    start: [times(2, 'chroma-mcp'), afterFaults('hook')],
  },
  'count-on-windows': {
    about: 'on Windows chroma-mcp are ended by age only, and not counted: the young ones stay, however many',
    remedy: 'orphans are known by the owner on their command line, which every platform shows',
    breaks: must.countedDown,
    programs: { worker: workerAfter({ reap: reapOnWindows }) },
    start: COUNTED,
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [SIGNALLED],
  },
  'two-and-one': {
    about: 'the count leaves the two newest chroma-mcp, and then the worker starts its own: three',
    remedy: 'orphans are ended because their owner is gone, not because there are too many',
    breaks: must.fewChromaProcessesInTheEnd,
    start: [
      afterFaults('chroma-mcp'),
      afterFaults(times(3, 'chroma-mcp'), ORPHAN_AGE_MS.after - 60_000),
      afterFaults('worker', OLD_MS),
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [SIGNALLED],
  },
  'orphan-stays': {
    about: 'a worker crashes, and the next one begins within five minutes: the orphan stays for ever',
    remedy: 'orphans are known by the owner on their command line, and looked for again and again',
    breaks: must.noOrphanChroma,
    programs: { crash: (ports) => signalHolders(ports, TCP_PORT, 'SIGKILL') },
    start: ['worker', at(500, 'crash'), afterFaults('worker')],
    faultsForMs: 1_000,
    settleMs: 2 * ORPHAN_AGE_MS.after,
  },
  'reaper-by-name': {
    about: 'another program’s chroma-mcp, older than five minutes, is ended: only its name is looked at',
    remedy: 'only a process of ours is ended, by user, and by a marker that names directory and owner',
    breaks: nothingForeignSignalled,
    start: [foreign('chroma-mcp'), afterFaults('hook', OLD_MS)],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 5_000,
  },
  'reaper-kills-living': {
    about: 'the worker of a second installation ends the first one’s worker, which is well, by name and age',
    remedy: 'an orphan is a process whose owner is gone; a living worker, and what it has started, is none',
    breaks: must.livingStay,
    start: [afterFaults(`worker ${OTHER_TCP_PORT}`), afterFaults('worker', OLD_MS)],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 5_000,
  },
  'reaper-pid-reuse': {
    about: 'an orphan ends between list and signal, and a foreign process born with its PID is killed',
    remedy: 'the signal names the very process: PID and start time in one operation',
    breaks: nothingForeignSignalled,
    // They end by themselves, at about the moment at which the worker looks.
    programs: { 'chroma-mcp': endsAfter(OLD_MS) },
    start: [times(3, 'chroma-mcp'), at(OLD_MS, 'worker')],
    faults: { 'pid-reuse': 2 },
    faultsForMs: OLD_MS + SECOND_MS,
    settleMs: 500,
    invariants: [SIGNALLED],
  },
});
