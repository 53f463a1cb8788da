import { Console } from 'node:console';
import type { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { replaySchedule } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { guestProgram } from '../../src/guest/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { PLAIN } from '../../src/report/colors.ts';
import { evidenceOf, timeline } from '../../src/report/index.ts';
import { firstDifference } from '../../src/run/difference.ts';
import { emptySchedule, executeOne, ReplayedChoices, Run, traceHash } from '../../src/run/index.ts';
import { atMostOneOwner } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** What programs print is an event of the trace, and reaches no terminal. */

async function logsOf(program: Program): Promise<unknown[][]> {
  const { events, failure } = await runOnce(scenarioOf({ daemon: program }));
  expect(failure).toBeNull();
  return events.filter(({ op }) => op === 'log').map(({ args }) => [args.stream, args.text]);
}

/** Taken hold of before any run. */
const early = new Console(process.stdout);

describe('what a program prints', () => {
  it('is in the trace as Node formats it', async () => {
    const logs = await logsOf(async ({ clock }) => {
      console.log('%d of %s', 1, 'two', { three: [3] });
      console.error(new Error('oh no').message);
      console.group('group');
      console.info('inner');
      console.groupEnd();
      console.assert(false, 'never');
      console.count();
      console.time('slept');
      await clock.sleep(5);
      console.timeEnd('slept');
    });
    expect(logs).toEqual([
      ['stdout', '1 of two { three: [ 3 ] }'],
      ['stderr', 'oh no'],
      ['stdout', 'group'],
      ['stdout', '  inner'],
      ['stderr', 'Assertion failed: never'],
      ['stdout', 'default: 1'],
      ['stdout', expect.stringMatching(/^slept: 5(\.\d+)?ms$/)],
    ]);
  });

  it('is in the trace by streams too, and by what was taken hold of before', async () => {
    const written = vi.fn();
    const logs = await logsOf(async () => {
      process.stdout.write('out\n');
      process.stderr.write(new TextEncoder().encode('err'), written);
      early.log('early');
    });
    expect(logs).toEqual([
      ['stdout', 'out'],
      ['stderr', 'err'],
      ['stdout', 'early'],
    ]);
    expect(written).toHaveBeenCalledOnce();
  });

  it('reaches no terminal', async () => {
    const out = vi.spyOn(process.stdout, 'write');
    const err = vi.spyOn(process.stderr, 'write');
    const log = vi.spyOn(console, 'log');
    await logsOf(async () => {
      console.log('a');
      process.stdout.write('b');
    });
    expect([out, err, log].map(({ mock }) => mock.calls)).toEqual([[], [], []]);
    vi.restoreAllMocks();
  });

  it('reaches none while every schedule is tried', async () => {
    const log = vi.spyOn(console, 'log');
    const prints: Program = async ({ clock }) => {
      console.log('a');
      await clock.sleep(1);
      console.log('b');
    };
    const report = await explore(scenarioOf({ daemon: prints }));
    expect(report.verdict).toBe('passed');
    expect(log).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('is of each process alone: groups and counters', async () => {
    const says: Program = async ({ clock }) => {
      console.count('times');
      console.group();
      await clock.sleep(5);
      console.log('later');
    };
    const { events } = await runOnce(
      scenarioOf({ daemon: says }, { start: [{ program: 'daemon', count: 2 }] }),
    );
    const texts = events.filter(({ op }) => op === 'log').map(({ args }) => args.text);
    expect(texts.toSorted()).toEqual(['  later', '  later', 'times: 1', 'times: 1']);
  });

  it('is not formatted without a trace', async () => {
    const custom = vi.fn(() => 'text');
    const prints: Program = async () => console.log({ [Symbol.for('nodejs.util.inspect.custom')]: custom });
    const scenario = scenarioOf({ daemon: prints });
    await executeOne(new Run(scenario, new ReplayedChoices(emptySchedule())));
    expect(custom).not.toHaveBeenCalled();
    await runOnce(scenario);
    expect(custom).toHaveBeenCalledOnce();
  });

  it('counts neither for the hash of a trace nor for its comparison: it may hold paths', async () => {
    const says = (text: string) => runOnce(scenarioOf({ daemon: async () => console.log(text) }));
    const [a, b] = [await says('/home/a'), await says('/home/b')];
    expect(traceHash(a.events)).toBe(traceHash(b.events));
    expect(firstDifference(a.events, b.events)).toBeNull();
  });

  it('is shown in a timeline, escaped', async () => {
    const scenario = scenarioOf({ daemon: async () => console.error('\u001b[31mred\nmore') });
    const shown = timeline(evidenceOf(await replaySchedule(scenario, emptySchedule()), null), {
      colors: PLAIN,
    });
    expect(shown).toContain('prints "\\x1b[31mred\\nmore" to stderr');
  });

  it('does not count as what breaks an invariant', async () => {
    const owns: Program = async ({ clock, mark }) => {
      mark('own');
      console.log('I own');
      await clock.sleep(1);
    };
    const scenario = scenarioOf(
      { daemon: owns },
      { start: [{ program: 'daemon', count: 2 }], invariants: [atMostOneOwner] },
    );
    const shown = timeline(evidenceOf(await replaySchedule(scenario, emptySchedule()), null), {
      colors: PLAIN,
    });
    expect(shown).toMatch(/^▶.*★ own/m);
  });

  it('is in the trace of a guest, which has its own console', async () => {
    const logs = await logsOf(
      guestProgram({
        from: import.meta.url,
        main: async (require, _ports, _argv, { process }) => {
          require('node:console').log('guest');
          (process.stdout as PassThrough).write('stream\n');
        },
      }),
    );
    expect(logs).toEqual([
      ['stdout', 'guest'],
      ['stdout', 'stream'],
    ]);
  });
});
