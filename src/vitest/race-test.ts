/** Registers race tests and replay tests with vitest. */
import { type TestContext, test } from 'vitest';
import { checkScenario, checkValue, type Scenario, TEXT } from '../scenario/index.ts';
import { TokenError } from '../schedule/index.ts';
import { checkRace, RaceError, replayToken } from './check-race.ts';
import { inRealTime } from './real-time.ts';
import { checkRaceOptions, type RaceTestOptions, SettingsError, settle, timeoutOf } from './settings.ts';

/** Errors whose message is complete, so that a stack within this package is of no use. */
const OURS = [RaceError, TokenError, SettingsError];

type Register = (
  name: string,
  options: { timeout: number },
  run: (context: TestContext) => Promise<void>,
) => void;

function registrar(register: Register) {
  return function raceTest(name: string, scenario: Scenario, options: RaceTestOptions = {}): void {
    checkValue('raceTest: name', name, TEXT);
    checkScenario('raceTest', scenario);
    checkRaceOptions('raceTest', options);
    const run = at(raceTest, (context) => checkRace(context, scenario, options));
    register(name, { timeout: timeoutOf(options) }, run);
  };
}

/** Makes a failure point at the line of the test instead of into this package. */
function at(
  caller: (...args: never[]) => unknown,
  run: (context: TestContext) => Promise<void>,
): (context: TestContext) => Promise<void> {
  const place = new Error();
  Error.captureStackTrace(place, caller);
  const frames = place.stack?.split('\n').slice(1).join('\n') ?? '';
  return async (context) => {
    try {
      await inRealTime(() => run(context));
    } catch (error) {
      if (error instanceof Error && OURS.some((kind) => error instanceof kind))
        error.stack = `${error.name}: ${error.message}\n${frames}`;
      throw error;
    }
  };
}

/** What users say of their own tests. */
const { skip, only, todo } = test;

/**
 * Defines a test that checks a scenario like `one-survivor check`: it replays the recorded tokens of the project, then searches. A
 * violation is shrunk, shown, attached to the result of the test, and recorded.
 *
 * By default it uses only the thread of the test file, because vitest runs several files at once: `workers` makes it use more. To
 * search a scenario on several machines, use `one-survivor check --shard`.
 *
 * ONE_SURVIVOR_SEED, ONE_SURVIVOR_RUNS and ONE_SURVIVOR_WORKERS override the options; ONE_SURVIVOR_TOKEN only replays that token.
 */
export const raceTest = Object.assign(registrar(test), {
  /** As vitest has it: the test does not run. */
  skip: registrar(skip),
  /** As vitest has it: only this test of the file runs, and others that say so. */
  only: registrar(only),
  /** As vitest has it: a test to be written. */
  todo: (name: string): void => todo(name),
});

/**
 * Defines a test that replays a token. It passes if the run ends as the scenario expects, violated or not.
 *
 * @param find the scenario, or a function that returns it for an ID
 */
export function replayTest(
  token: string,
  find: Scenario | ((id: string) => Scenario | undefined),
  options: Pick<RaceTestOptions, 'from' | 'timeoutMs'> = {},
): void {
  checkValue('replayTest: token', token, TEXT);
  if (typeof find !== 'function') checkScenario('replayTest', find);
  checkRaceOptions('replayTest', options);
  const [, id = token] = token.split(':');
  const run = at(replayTest, async (context) => {
    const scenario = typeof find === 'function' ? find(id.split('+')[0]!) : find;
    if (scenario === undefined)
      throw new RaceError(`there is no scenario ${JSON.stringify(id)}: find returned undefined`);
    checkScenario('replayTest: find', scenario);
    await replayToken(context, token, scenario, settle(options, context.task.file.filepath));
  });
  test(`replay ${id} ${token.slice(-8)}`, { timeout: timeoutOf(options) }, run);
}
