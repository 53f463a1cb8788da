import { describe, expect, it } from 'vitest';
import { runUntil } from '../../src/check/attempt.ts';
import { namedLogOf } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { RecordedChoices, type Schedule } from '../../src/run/index.ts';
import type { Scenario, ScenarioOptions } from '../../src/scenario/index.ts';
import type { NamedAction, NamedLog } from '../../src/schedule/index.ts';
import { DEFAULT_STRATEGY } from '../../src/schedule/index.ts';
import { type AskedStarts, SteeredChoices, type Tolerance } from '../../src/schedule/steered-choices.ts';
import type { Choices } from '../../src/sim/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const TOLERANT: Tolerance = { missing: 4, extra: 8, waits: true };
const NO_STARTS: AskedStarts = { absent: [], optional: [] };

/** A program that stats these paths, and sleeps where there is a number of milliseconds. */
const script =
  (...does: readonly (string | number)[]): Program =>
  async ({ fs, clock }) => {
    for (const next of does) {
      if (typeof next === 'number') await clock.sleep(next);
      else await fs.stat(`/${next}`).catch(() => {});
    }
  };

/** The actions of a script in short: `A a`, `time`, `kill A`. */
function logOf(...actions: readonly string[]): NamedLog {
  return { idle: [], leftOut: [], machine: [], actions: actions.map(actionOf) };
}

function actionOf(text: string): NamedAction {
  if (text === 'time' || text === 'busy') return { kind: 'time', busy: text === 'busy' };
  const [first = '', second = ''] = text.split(' ');
  if (first === 'kill') return { kind: 'fault', fault: 'kill', targets: [`${second}#1`] };
  const operation = ['begin', 'sleep'].includes(second) ? second : `stat /${second}`;
  return { kind: 'step', process: `${first}#1`, operation };
}

function shortOf(action: NamedAction): string {
  if (action.kind === 'time') return action.busy ? 'busy' : 'time';
  if (action.kind === 'fault') return `${action.fault} ${action.targets.join(' ').replaceAll('#1', '')}`;
  return `${action.process.replace('#1', '')} ${action.operation.replace('stat /', '')}`;
}

async function scheduleOf(scenario: Scenario, choices: Choices): Promise<Schedule> {
  const recorded = new RecordedChoices(choices);
  let made: Schedule | null = null;
  await runUntil(scenario, [choices], ({ schedule }) => {
    made = schedule;
    return true;
  });
  return made ?? recorded.schedule;
}

/** What happens in a run that follows a log, without how processes end. */
async function followed(
  scenario: Scenario,
  log: NamedLog,
  tolerance: Tolerance = TOLERANT,
): Promise<string[]> {
  const schedule = await scheduleOf(scenario, new SteeredChoices(log, tolerance, NO_STARTS));
  const happened = (await namedLogOf(scenario, schedule)).actions.map(shortOf);
  const end = happened.findLastIndex((what) => !/exit$|^time$/.test(what));
  return happened.slice(0, end + 1).filter((what) => !what.endsWith('exit'));
}

const two = (A: Program, B: Program, options: Partial<ScenarioOptions> = {}): Scenario =>
  scenarioOf({ A, B }, options);

describe('a run that follows its own log', () => {
  it('is the same run, with all its faults, starts and passing of time', async () => {
    const busy = script('a', 3, 'b', 5, 'c');
    const scenario = scenarioOf(
      { A: busy, B: busy, C: script('x', 'y', 1, 'z') },
      {
        start: [
          { program: 'A', count: 2 },
          { program: 'B', optional: true },
          { program: 'C', optional: true, count: 2 },
        ],
        faults: { kill: 1, stop: 1, 'clock-jump': 1 },
        machine: { busyMs: 10 },
      },
    );
    const starts: AskedStarts = { absent: ['A#1', 'A#2'], optional: ['B#1', 'C#1', 'C#2'] };
    const kinds = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const schedule = await scheduleOf(
        scenario,
        DEFAULT_STRATEGY.choices(seed, { choices: 30, number: seed }),
      );
      const log = await namedLogOf(scenario, schedule);
      for (const action of log.actions) kinds.add(action.kind === 'time' ? shortOf(action) : action.kind);
      for (const name of log.leftOut) kinds.add(name);
      const again = await scheduleOf(scenario, new SteeredChoices(log, TOLERANT, starts));
      expect(await namedLogOf(scenario, again)).toEqual(log);
    }
    expect([...kinds].toSorted()).toEqual(['B#1', 'C#1', 'C#2', 'busy', 'fault', 'step', 'time']);
  });
});

describe('a run that follows the log of an older program', () => {
  const LOG = logOf('A begin', 'A a', 'B begin', 'B b', 'A c', 'B d');

  it('lets operations happen that the log does not have, and goes on where it was', async () => {
    const now = two(script('new', 'a', 'newer', 'c'), script('b', 'd'));
    expect(await followed(now, LOG)).toEqual([
      ...['A begin', 'A new', 'A a', 'B begin', 'B b', 'A newer', 'A c', 'B d'],
    ]);
  });

  it('leaves out operations that the program does not have any more', async () => {
    expect(await followed(two(script('c'), script('b', 'd')), LOG)).toEqual([
      ...['A begin', 'B begin', 'B b', 'A c', 'B d'],
    ]);
  });

  it('takes an operation for the one that it replaces, if no more new ones are allowed', async () => {
    const now = two(script('other', 'c'), script('b', 'd'));
    expect(await followed(now, LOG, { missing: 0, extra: 0, waits: false })).toEqual([
      ...['A begin', 'A other', 'B begin', 'B b', 'A c', 'B d'],
    ]);
  });

  it('lets a fault strike where the log has it, also if there are new operations before', async () => {
    const options = { faults: { kill: 1 } };
    const log = logOf('A begin', 'B begin', 'B b', 'A a', 'kill B', 'A c');
    const now = two(script('new', 'a', 'c'), script('b', 'd'), options);
    expect(await followed(now, log)).toEqual([
      ...['A begin', 'B begin', 'B b', 'A new', 'A a', 'kill B', 'A c'],
    ]);
  });

  it('lets a fault wait until time has passed', async () => {
    const log = logOf('A begin', 'A a', 'B begin', 'B b', 'time', 'kill B', 'A sleep', 'A c');
    const now = two(script('a', 2, 'c'), script('b', 'new', 4, 'd'), { faults: { kill: 1 } });
    expect(await followed(now, log)).toEqual([
      ...['A begin', 'A a', 'B begin', 'B b', 'B new', 'time', 'kill B', 'A sleep', 'A c'],
    ]);
  });

  it('waits for a process that sleeps now, or leaves out what it does not do in time', async () => {
    const log = logOf('A begin', 'A a', 'A c', 'B begin', 'B b', 'time', 'kill B');
    const now = two(script(1, 'a', 'c'), script('b', 5, 'd'), { faults: { kill: 1 } });
    const late = ['A begin', 'B begin', 'B b', 'time'];
    expect(await followed(now, log)).toEqual([...late, 'A sleep', 'A a', 'A c', 'time', 'kill B']);
    expect(await followed(now, log, { ...TOLERANT, waits: false })).toEqual([
      ...[...late, 'kill B', 'A sleep', 'A a', 'A c'],
    ]);
  });

  it('leaves out time that cannot pass any more', async () => {
    const log = logOf('B begin', 'busy', 'B b', 'A begin', 'B d', 'A a', 'A c');
    const now = two(script('a', 'c'), script('b', 'd'), { machine: { busyMs: 0 } });
    expect(await followed(now, log)).toEqual([...['B begin', 'B b', 'A begin', 'B d', 'A a', 'A c']]);
  });

  it('ends with default choices when the log does', async () => {
    expect(await followed(two(script('a', 'c'), script('b', 'd')), logOf('B begin', 'B b'))).toEqual([
      ...['B begin', 'B b', 'B d', 'A begin', 'A a', 'A c'],
    ]);
  });
});
