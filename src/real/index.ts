export { Findings } from './findings.ts';
export { freePort } from './free-port.ts';
export { PHASES, type PhasedRace, type PhaseName, raceInPhases } from './phases.ts';
export { Processes } from './processes.ts';
export { type Race, type Racer, race, tracePath, until, witnessesOf } from './race.ts';
export { type Ending, RealProcess } from './real-process.ts';
export { type Judgement, judge, type Verdict } from './trace-checker.ts';
export { CLOCK_ERROR_MS, type ProcessTrace } from './trace-events.ts';
export { parseTrace, readTrace, TraceError, type TraceRecord } from './traces.ts';
