// What is passed to a public function is checked there: the error names the mistake, what is accepted, and what to do.
import { describe, expect, it } from 'vitest';
import { bounded, boundsOf, check, criticalOf, replay } from '../../src/check/index.ts';
import { explore, exploreLevels } from '../../src/explore/index.ts';
import { guestProgram } from '../../src/guest/index.ts';
import { becomeOwner } from '../../src/model/index.ts';
import { runProgram } from '../../src/node/index.ts';
import type { Ports } from '../../src/ports/index.ts';
import { atMostOneOwner, scenario } from '../../src/scenario/index.ts';
import { raceTest, replayTest } from '../../src/vitest/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const idle = scenarioOf({ idle: async ({ clock }) => clock.sleep(1) });
const description = { id: 'a/b/c', programs: {}, start: [], invariants: [] };
const never = undefined as never;

describe('what is not a scenario', () => {
  const others: [string, unknown, string][] = [
    ['nothing', undefined, 'got undefined'],
    ['a name', 'model/lock/cold-start', 'got "model/lock/cold-start"'],
    ['a description', description, 'got a description: give it to scenario()'],
    ['a copy', { ...idle }, 'got a copy of a scenario: give its options to scenario()'],
    ['an array', [idle], 'got an array of scenarios: pass one of them'],
    ['descriptions', [description], 'got an array of descriptions: give each to scenario()'],
    ['a promise', Promise.resolve(idle), 'got a promise: await it'],
    ['a module', { default: idle }, 'got a module: pass its default export'],
  ];
  it.each(others)('is refused: %s', async (_, given, message) => {
    const refused = (where: string) =>
      new TypeError(`${where}: ${message}; expected a scenario: what scenario({ … }) returns`);
    await expect(check(given as never, { seed: 1 })).rejects.toThrow(refused('check'));
    await expect(explore(given as never)).rejects.toThrow(refused('explore'));
    await expect(exploreLevels(given as never)).rejects.toThrow(refused('exploreLevels'));
    expect(() => boundsOf(given as never)).toThrow(refused('boundsOf'));
    expect(() => bounded(given as never, boundsOf(idle))).toThrow(refused('bounded'));
    expect(() => raceTest('a race', given as never)).toThrow(refused('raceTest'));
    expect(() => replayTest('os1:a/b/c:', given as never)).toThrow(refused('replayTest'));
  });
});

describe('an option', () => {
  it('that is not known is refused, and those that are accepted are named', async () => {
    await expect(check(idle, { seed: 1, run: 5 } as never)).rejects.toThrow(
      /^check: "run" is not an option; accepted: seed, runs, budgetMs, /,
    );
    await expect(explore(idle, { crashes: 1 } as never)).rejects.toThrow(
      /^explore: "crashes" is not an option; accepted: isolation, budgetMs, /,
    );
    await expect(exploreLevels(idle, { faultCounts: { kil: 1 } } as never)).rejects.toThrow(
      /^exploreLevels: faultCounts: "kil" is not an option; accepted: kill, /,
    );
    expect(() => raceTest('a race', idle, { budget: 5 } as never)).toThrow(
      /^raceTest: "budget" is not an option; accepted: seed, runs, budgetMs, /,
    );
    expect(() => replayTest('os1:a/b/c:', idle, { form: 'x' } as never)).toThrow(
      /^replayTest: "form" is not an option; accepted: /,
    );
  });

  it.each<[object, string]>([
    [{ strategy: 'pct' }, `strategy: got "pct": expected a strategy, such as findStrategy('portfolio')`],
    [
      { signal: new AbortController() },
      'signal: got an object: expected an AbortSignal, such as the signal of',
    ],
    [{ onProgress: true }, 'onProgress: got true: expected a function'],
    [{ recorded: 'os1:' }, 'recorded: got "os1:": expected an array of tokens, or of { token, why, log? }'],
    [{ range: 5 }, 'range: got 5: expected { from, to }, two numbers of runs'],
    [{ shard: '1/4' }, 'shard: got "1/4": expected { index, of }, two whole numbers'],
    [{ allowOmitted: 'yes' }, 'allowOmitted: got "yes": expected true or false'],
    [{ isolation: true }, "isolation: got true: expected false, 'done', or { url } of the module"],
    [{ search: 'pct' }, 'search: got "pct": expected a function'],
  ])('of another type is refused by check: %j', async (options, message) => {
    await expect(check(idle, { seed: 1, ...options } as never)).rejects.toThrow(message);
    await expect(check(idle, { seed: 1, ...options } as never)).rejects.toThrow(TypeError);
  });

  it.each<[object, string]>([
    [{ reduceOrders: 1 }, 'reduceOrders: got 1: expected true or false'],
    [{ signal: 5 }, 'signal: got 5: expected an AbortSignal'],
    [{ onProgress: 5 }, 'onProgress: got 5: expected a function'],
  ])('of another type is refused by explore and exploreLevels: %j', async (options, message) => {
    await expect(explore(idle, options as never)).rejects.toThrow(message);
    await expect(exploreLevels(idle, options as never)).rejects.toThrow(message);
  });

  it('of a race test that is of another type is refused when the test is registered', () => {
    expect(() => raceTest('a race', idle, { from: 5 } as never)).toThrow(
      'from: got 5: expected a path or a URL',
    );
    expect(() => raceTest('a race', idle, { runs: -1 })).toThrow(RangeError);
    expect(() => raceTest(never, idle)).toThrow('raceTest: name: got undefined: expected a non-empty string');
    expect(() => replayTest(never, idle)).toThrow(
      'replayTest: token: got undefined: expected a non-empty string',
    );
  });

  it('that is an object or left out is all there is', async () => {
    await expect(check(idle, 5 as never)).rejects.toThrow('check: got 5 as its options: expected an object');
    await expect(check(idle, never)).rejects.toThrow('check: got undefined as its options');
    await expect(check(idle, {} as never)).rejects.toThrow('check: got no seed: expected a whole number');
  });
});

describe('replay', () => {
  it('refuses what is no token', async () => {
    await expect(replay(5 as never, () => idle)).rejects.toThrow(
      'replay: token: got 5: expected a string such as os1:SCENARIO:HASH:CHOICES:CHECK',
    );
  });

  it('refuses what finds no scenario', async () => {
    await expect(replay('os1:x', idle as never)).rejects.toThrow(
      'replay: find: got an object: expected a function that returns the scenario of an ID, such as () => scenario',
    );
    await expect(replay('os1:x', undefined as never)).rejects.toThrow(TypeError);
  });

  it('refuses a scenario that is not there yet', async () => {
    const broken = scenario({
      id: 'fixture/broken/claims',
      programs: { claims: async ({ mark }) => mark('own') },
      start: [{ program: 'claims', count: 2 }],
      invariants: [atMostOneOwner],
      crashes: 'allowed',
    });
    const { violations } = await check(broken, { seed: 1, runs: 20 });
    const find = async () => broken;
    await expect(replay(violations[0]!.token, find as never)).rejects.toThrow(
      'replay: find: got a promise: await it; expected a scenario',
    );
  });
});

it('criticalOf refuses what is no replay', async () => {
  await expect(criticalOf('os1:x' as never)).rejects.toThrow(
    'criticalOf: got "os1:x": expected what replay() resolves to',
  );
});

it('guestProgram refuses to be without a main function, or a place to resolve packages from', () => {
  const main = async () => 0;
  expect(() => guestProgram({ main } as never)).toThrow(
    'guestProgram: from: got undefined: expected a path or URL, such as import.meta.url',
  );
  expect(() => guestProgram({ from: import.meta.url } as never)).toThrow(
    'guestProgram: main: got undefined: expected a function',
  );
});

it('runProgram refuses what is no program, and arguments that are no array', () => {
  expect(() => runProgram(undefined as never, [])).toThrow(
    'runProgram: got undefined as the program: expected a function',
  );
  expect(() => runProgram(async () => 0, undefined as never)).toThrow(
    'runProgram: got undefined as argv: expected an array, such as process.argv.slice(2)',
  );
});

describe('becomeOwner', () => {
  const ports = {} as Ports;
  it.each<[object, string]>([
    [
      { endpoint: null },
      'directory: got undefined: expected the path of the directory that holds the claims',
    ],
    [{ directory: '' }, 'directory: got "": expected'],
    [{ directory: '/d' }, "endpoint: got undefined: expected null, 'unix', { kind: 'unix', path } or"],
    [{ directory: '/d', endpoint: 'tcp:80' }, 'endpoint: got "tcp:80": expected'],
    [
      { directory: '/d', endpoint: null, timing: { leaseMs: -1 } },
      'timing.leaseMs: got -1: expected a number from 0',
    ],
    [
      { directory: '/d', endpoint: null, timing: { leaseMs: Number.NaN } },
      'timing.leaseMs: got NaN: expected a number from 0',
    ],
    [
      { directory: '/d', endpoint: null, timing: { lease: 5 } },
      'timing: "lease" is not known; accepted: probeEveryMs, ',
    ],
  ])('refuses, before it does anything: %j', async (options, message) => {
    await expect(becomeOwner(ports, options as never)).rejects.toThrow(message);
  });
});
