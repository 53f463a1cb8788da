export { RaceError } from './check-race.ts';
export { type Judged, type RaceMatchers, raceMatchers } from './matchers.ts';
export { raceTest, replayTest } from './race-test.ts';
export type { RaceResult } from './result.ts';
export type { RaceTestOptions } from './settings.ts';
export {
  exitCodesOf,
  faultsOf,
  marksOf,
  mostOwnersOf,
  type Owner,
  ownersOf,
  quietRun,
  survivorsOf,
} from './traces.ts';
