/**
 * Arbitraries for fast-check: schedules of a scenario, and scenarios whose processes, times, files and faults differ. Requires the
 * package `fast-check`.
 *
 * @module
 */
export { type AssertOptions, assertHolds, ScheduleError } from './assert-holds.ts';
export {
  type GeneratedRun,
  runArbitrary,
  type ScenarioVariety,
  scenarioArbitrary,
} from './scenario-arbitrary.ts';
export { type ScheduleConstraints, scheduleArbitrary } from './schedule-arbitrary.ts';
