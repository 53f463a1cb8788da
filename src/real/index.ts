export { freePort } from './free-port.ts';
export { type Ending, Processes, RealProcess, type StartOptions } from './processes.ts';
export { type Race, type RaceOptions, type Racer, race, tracePath, until, witnessesOf } from './race.ts';
export { CLOCK_ERROR_MS, type Judgement, judge, type ProcessTrace, type Verdict } from './trace-checker.ts';
export { parseTrace, type ReadTrace, readTrace, TraceError, type TraceRecord } from './traces.ts';
