import { describe, expect, it } from 'vitest';
import { check, replay } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { executeSlowly } from '../../src/run/execute.ts';
import { BUILT_IN, ReplayedChoices, Run } from '../../src/run/index.ts';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import {
  always,
  atMostOneOwner,
  eventually,
  type ScenarioOptions,
  sometimes,
} from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from './helpers.ts';

const HANG_TIMEOUT_MS = 300;

const fine: Program = async ({ clock }) => {
  await clock.sleep(10);
  return 0;
};

/** What a dull run of the program fails with, and that the harness is as good as before. */
async function failureOf(program: Program, options: Partial<ScenarioOptions> = {}, hangTimeoutMs?: number) {
  const { failure, events } = await runOnce(
    scenarioOf({ culprit: program, other: fine }, options),
    {},
    hangTimeoutMs,
  );
  const after = await runOnce(scenarioOf({ fine }));
  expect(after.failure).toBeNull();
  return { failure, events };
}

/** A message that ends with a place in this file, and the place. */
function here(message: string) {
  const place = /test\/check\/verdicts\.test\.ts:\d+:\d+$/;
  return {
    message: expect.stringMatching(new RegExp(`^${message}, at ${place.source}`)),
    at: expect.stringMatching(new RegExp(`^${place.source}`)),
  };
}

describe('a program that never yields', () => {
  const loops: Readonly<Record<string, Program>> = {
    'while (true)': async () => {
      for (;;) {}
    },
    'an endless chain of awaits': async () => {
      for (;;) await null;
    },
    'an endless chain of ticks': async () => {
      const again = (): void => process.nextTick(again);
      again();
    },
    'a rejection and a loop': async () => {
      Promise.reject(new Error('of the process that was ended by force'));
      for (;;) {}
    },
    'a rejection and a chain': async () => {
      Promise.reject(new Error('of the process that was ended by force'));
      for (;;) await null;
    },
    'a loop in the midst of its work': async ({ fs }) => {
      await fs.stat('/');
      for (;;) {}
    },
    'a loop in a signal handler': async ({ process, clock }) => {
      await process.onSignal(['SIGUSR2'], () => {
        for (;;) {}
      });
      await process.kill(1001, 'SIGUSR2');
      await clock.sleep(100);
    },
  };

  it.each(Object.entries(loops))('%s', async (_, program) => {
    const { failure } = await failureOf(program, {}, HANG_TIMEOUT_MS);
    expect(failure?.invariant).toBe(BUILT_IN['never-yields']);
    expect(failure?.message).toBe(`culprit#1 did not yield for ${HANG_TIMEOUT_MS} ms of real time`);
  });

  it('is found by a check, which does not try its patience by shrinking', async () => {
    let hung = 0;
    const culprit: Program = async ({ fs }) => {
      for (let i = 0; i < 5; i++) await fs.exists('/');
      hung++;
      for (;;) {}
    };
    const scenario = scenarioOf({ culprit, other: culprit });
    const report = await check(scenario, { seed: 1, runs: 10, hangTimeoutMs: HANG_TIMEOUT_MS });
    expect(report.verdict).toBe('violated');
    expect(report.violations[0]).toMatchObject({ invariant: BUILT_IN['never-yields'] });
    // Found, confirmed and told; to shrink it would take many more.
    expect(hung).toBeLessThan(8);
  });

  it('is not violated by many short steps', async () => {
    const slow = always('slow', () => {
      const until = performance.now() + 0.5;
      while (performance.now() < until) {}
      return null;
    });
    const works: Program = async ({ fs }) => {
      for (let i = 0; i < 2_100; i++) await fs.stat('/');
    };
    const begunAt = performance.now();
    const { failure } = await failureOf(works, { invariants: [slow] }, 1_000);
    expect(failure).toBeNull();
    expect(performance.now() - begunAt).toBeGreaterThan(1_000);
  });
});

describe('a program that throws', () => {
  const throws: Readonly<Record<string, Program>> = {
    'at once': () => {
      throw new Error('oh no');
    },
    'after an operation': async ({ fs }) => {
      await fs.stat('/');
      throw new Error('oh no');
    },
    'in a promise that no code waits for': async ({ clock }) => {
      void Promise.reject(new Error('oh no'));
      await clock.sleep(100);
    },
    'in a microtask': async ({ clock }) => {
      queueMicrotask(() => {
        throw new Error('oh no');
      });
      await clock.sleep(100);
    },
    'in a tick': async ({ clock }) => {
      process.nextTick(() => {
        throw new Error('oh no');
      });
      await clock.sleep(100);
    },
    'in a listener of an AbortSignal': async ({ clock }) => {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', () => {
        throw new Error('oh no');
      });
      controller.abort();
      await clock.sleep(100);
    },
    'in a signal handler': async ({ process, clock }) => {
      await process.onSignal(['SIGUSR2'], () => {
        throw new Error('oh no');
      });
      await process.kill(1001, 'SIGUSR2');
      await clock.sleep(100);
    },
  };

  it.each(Object.entries(throws))('%s: the process ends, in that step', async (_, program) => {
    const { failure } = await failureOf(program);
    expect(failure).toEqual({ invariant: BUILT_IN.crash, ...here('culprit#1: Error: oh no') });
  });

  it.each(Object.entries(throws))('%s: no other process is affected', async (_, program) => {
    const { failure, events } = await failureOf(program, { crashes: 'allowed' });
    expect(failure).toBeNull();
    const ends = events.filter(({ op }) => op === 'end');
    expect(ends.map(({ process, result, args }) => ({ process, result, args }))).toEqual([
      { process: 'culprit#1', result: { code: 1, signal: null }, args: { crash: 'Error: oh no' } },
      { process: 'other#1', result: { code: 0, signal: null }, args: {} },
    ]);
    // An exception is an end at that instant: the crashed process sleeps no more.
    expect(ends[0]!.atMs).toBeLessThan(5);
  });

  it.each<[string, unknown, string]>([
    ['a text', 'oh no', 'oh no'],
    ['nothing', undefined, 'Error: rejected without a reason'],
    ['a symbol', Symbol('oh'), 'Symbol(oh)'],
    ['an object without a text', Object.create(null), 'something that has no text'],
  ])('%s', async (_, thrown, text) => {
    const { failure } = await failureOf(async () => {
      throw thrown;
    });
    expect(failure).toEqual({ invariant: BUILT_IN.crash, message: `culprit#1: ${text}` });
  });
});

describe('nonsense', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what somebody may write who has no types
  type Any = any;

  it.each<[string, (ports: Any) => Any]>([
    ['open(undefined)', ({ fs }) => fs.open(undefined)],
    ['stat(5)', ({ fs }) => fs.stat(5)],
    ['spawn(undefined)', ({ process }) => process.spawn(undefined)],
    ['listen(undefined)', ({ net }) => net.listen(undefined)],
    ['accept of no descriptor', ({ net }) => net.accept('x')],
    ['open with unknown flags', ({ fs }) => fs.open('/x', 'nonsense')],
  ])('%s is the end of the program, not of the check', async (_, ask) => {
    const { failure } = await failureOf(async (ports) => {
      await ask(ports);
    });
    expect(failure?.invariant).toBe(BUILT_IN.crash);
  });

  it.each<[string, () => Any]>([
    ['a number', () => 3],
    ['nothing', () => undefined],
    ['a text', () => 'done'],
    ['a promise of a text', async () => 'done'],
  ])('a program may return %s', async (_, program) => {
    expect((await failureOf(program)).failure).toBeNull();
  });
});

describe('other verdicts of every run', () => {
  it('names the process that waits for a promise that nothing can settle', async () => {
    const { failure } = await failureOf(() => new Promise(() => {}));
    expect(failure?.invariant).toBe(BUILT_IN.deadlock);
    expect(failure?.message).toContain('culprit#1');
  });

  it('ends a run of a program that polls without a pause', async () => {
    const polls: Program = async ({ fs }) => {
      for (;;) await fs.stat('/');
    };
    const { failure } = await failureOf(polls, { maxSteps: 500 });
    expect(failure?.invariant).toBe(BUILT_IN['step-bound']);
    expect(failure?.message).toContain('500 steps');
    const asks: Program = async ({ fs }) => {
      for (let i = 0; i < 8; i++) await fs.stat('/');
    };
    // A start, eight operations and an exit; three more of the other.
    const { run } = await runOnce(scenarioOf({ asks, fine }));
    const { steps } = run.machine.scheduler;
    expect((await runOnce(scenarioOf({ asks, fine }, { maxSteps: steps }))).failure).toBeNull();
    const tooMany = await runOnce(scenarioOf({ asks, fine }, { maxSteps: steps - 1 }));
    expect(tooMany.failure?.invariant).toBe(BUILT_IN['step-bound']);
  });

  it('finds out programs that share memory', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { failure } = await runOnce(
      scenarioOf({
        waits: async ({ fs, clock }) => {
          void gate.then(() => fs.stat('/'));
          await clock.sleep(100);
        },
        opens: async ({ clock }) => {
          await clock.sleep(5);
          open();
          await clock.sleep(5);
        },
      }),
    );
    expect(failure?.invariant).toBe(BUILT_IN['shared-memory']);
    expect(failure?.message).toContain('waits#1 went on in a step of opens#1');
  });

  it('blames an invariant that throws, or returns what it may not, by its name', async () => {
    const broken = always('broken', () => {
      throw new TypeError('no such thing');
    });
    expect((await failureOf(fine, { invariants: [broken] })).failure).toEqual({
      invariant: 'broken',
      ...here('the invariant itself has failed: TypeError: no such thing'),
    });
    const truth = eventually('truth', (() => true) as never);
    expect((await failureOf(fine, { invariants: [truth] })).failure).toEqual({
      invariant: 'truth',
      message: 'the invariant returned true: expected a string or null',
    });
    const endless = always('endless', ({ processes }) => {
      while (processes.length > 0) {}
      return null;
    });
    expect((await failureOf(fine, { invariants: [endless] }, HANG_TIMEOUT_MS)).failure).toEqual({
      invariant: BUILT_IN['hung-invariant'],
      message: `the invariant "endless" did not return for ${HANG_TIMEOUT_MS} ms of real time`,
    });
    const silent = eventually('silent', (() => undefined) as never);
    expect((await failureOf(fine, { invariants: [silent] })).failure).toMatchObject({ invariant: 'silent' });
  });
});

describe('a program that is not deterministic', () => {
  const twoOwners: Program = async ({ clock, mark }) => {
    mark('own');
    await clock.sleep(50);
  };
  const start = [{ program: 'culprit', count: 2 }];
  let counter = 0;

  it.each<[string, Program]>([
    [
      'Math.random',
      async (ports) => {
        await ports.clock.sleep(Math.floor(Math.random() * 1_000_000) / 100_000);
        await twoOwners(ports, []);
      },
    ],
    [
      'the real clock',
      async (ports) => {
        await ports.fs.writeFile('/now', `${performance.now()}`);
        await twoOwners(ports, []);
      },
    ],
    [
      'a counter of the module',
      async (ports) => {
        await ports.fs.writeFile('/count', `${counter++}`);
        await twoOwners(ports, []);
      },
    ],
  ])('%s: nondeterministic, with the first step that differs', async (_, culprit) => {
    const scenario = scenarioOf({ culprit }, { start, invariants: [atMostOneOwner], ambient: 'allowed' });
    const report = await check(scenario, { seed: 1, runs: 20 });
    expect(report.verdict).toBe('nondeterministic');
    expect(report.ok).toBe(false);
    expect(report.reason).toMatch(/from step \d+ on: .*culprit#\d/);
    expect(report.violations).toEqual([]);
    expect((await replay(report.unstable!, () => scenario)).verdict).toBe('nondeterministic');
  });
});

describe('a check', () => {
  const lonely: Program = async ({ mark, clock }) => {
    mark('own');
    await clock.sleep(5);
  };

  it('passes', async () => {
    const scenario = scenarioOf({ lonely }, { invariants: [atMostOneOwner, sometimes('owned', 'own')] });
    const report = await check(scenario, { seed: 1, runs: 20 });
    expect(report).toMatchObject({ verdict: 'passed', ok: true, runs: 20, sometimes: { owned: 20 } });
  });

  it('that misses a `sometimes` is inconclusive, and names it', async () => {
    const invariants = [sometimes('owned', 'own'), sometimes('released', 'release')];
    const report = await check(scenarioOf({ lonely }, { invariants }), { seed: 1, runs: 20 });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      ok: false,
      reason: 'never reached: released. no process marked "release" (marks seen: "own")',
    });
  });

  it('that does not find the violation it expects is not ok', async () => {
    const scenario = scenarioOf({ lonely }, { expects: 'violation', invariants: [atMostOneOwner] });
    expect(await check(scenario, { seed: 1, runs: 20 })).toMatchObject({ verdict: 'passed', ok: false });
  });

  it('that is cut short is inconclusive', async () => {
    const scenario = scenarioOf({ lonely });
    const interrupted = { aborted: true };
    expect(await check(scenario, { seed: 1, runs: 20, signal: interrupted })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'interrupted',
    });
    let runs = 0;
    const signal = {
      get aborted() {
        return runs++ > 5;
      },
    };
    expect(await check(scenario, { seed: 1, runs: 20, signal })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'interrupted',
    });
  });

  it('replays recorded tokens first', async () => {
    const both = scenarioOf(
      { lonely },
      { start: [{ program: 'lonely', count: 2 }], invariants: [atMostOneOwner] },
    );
    const { violations } = await check(both, { seed: 1, runs: 20 });
    const { token } = violations[0]!;
    const again = await check(both, { seed: 2, runs: 20, recorded: [token] });
    expect(again).toMatchObject({ verdict: 'violated', runs: 0, firstViolationAtRun: null });
    expect(again.violations).toEqual(violations);
    expect((await replay(token, () => both)).verdict).toBe('violated');
    expect(again.skipped).toBeUndefined();
  });

  it('stops replaying after a failure, but replays all tokens of a known bug', async () => {
    const options: Partial<ScenarioOptions> = {
      start: [{ program: 'lonely', count: 2 }],
      invariants: [atMostOneOwner],
    };
    const { token } = (await check(scenarioOf({ lonely }, options), { seed: 1, runs: 20 })).violations[0]!;
    const asked = async (expects: 'pass' | 'violation') => {
      let count = 0;
      const entry = {
        token,
        get why() {
          count++;
          return 'an earlier check';
        },
      };
      const recorded = [entry, entry, entry];
      const report = await check(scenarioOf({ lonely }, { ...options, expects }), {
        seed: 1,
        runs: 20,
        recorded,
      });
      expect(report.verdict).toBe('violated');
      return count;
    };
    expect(await asked('pass')).toBe(1);
    expect(await asked('violation')).toBe(3);
  });

  it('skips and reports tokens that are invalid or of another definition', async () => {
    const start = [{ program: 'lonely', count: 2 }];
    const before = scenarioOf({ lonely }, { start, invariants: [atMostOneOwner] });
    const { token } = (await check(before, { seed: 1, runs: 20 })).violations[0]!;
    const now = scenarioOf({ lonely });
    const report = await check(now, { seed: 1, runs: 20, recorded: [token, 'nonsense'] });
    expect(report).toMatchObject({ verdict: 'passed', runs: 20 });
    expect(report.skipped).toEqual([
      expect.stringContaining('another definition of test/test/test'),
      expect.stringContaining('"nonsense" is not a token'),
    ]);
  });
});

describe('without a synchronous drain', () => {
  async function slowly(program: Program, options: Partial<ScenarioOptions> = {}) {
    const run = new Run(
      scenarioOf({ culprit: program, other: fine }, options),
      new ReplayedChoices(emptySchedule()),
    );
    const runs = [run];
    await executeSlowly(
      () => runs.pop() ?? null,
      () => {},
      HANG_TIMEOUT_MS,
    );
    return run;
  }

  it('a run is the same', async () => {
    const program: Program = async ({ fs, clock }) => {
      await fs.writeFile('/f', 'text');
      await clock.sleep(20);
      return 3;
    };
    const run = await slowly(program);
    expect(run.failure).toBeNull();
    expect(run.machine.table.all().map(({ exitCode }) => exitCode)).toEqual([3, 0]);
    const quick = await runOnce(scenarioOf({ culprit: program, other: fine }));
    expect(quick.run.machine.scheduler.steps).toBe(run.machine.scheduler.steps);
  });

  it('an unhandled rejection ends its process', async () => {
    const run = await slowly(async ({ clock }) => {
      void Promise.reject(new Error('oh no'));
      await clock.sleep(100);
    });
    expect(run.failure).toEqual({ invariant: BUILT_IN.crash, ...here('culprit#1: Error: oh no') });
  });

  it('a loop that a step begins with is ended by force', async () => {
    const run = await slowly(() => {
      for (;;) {}
    });
    expect(run.failure?.invariant).toBe(BUILT_IN['never-yields']);
  });
});

describe('a trace', () => {
  it('records values even if a program changes them later', async () => {
    const { events } = await failureOf(async ({ fs, process, mark }) => {
      await fs.mkdir('/d');
      await fs.writeFile('/d/file', '');
      const fd = await fs.opendir('/d');
      (await fs.readEntries(fd)).length = 0;
      (await process.list()).reverse();
      const data: Record<string, number> = { token: 1 };
      mark('own', data);
      data.token = 2;
    });
    const resultsOf = (op: string) => events.filter((event) => event.op === op);
    expect(resultsOf('readdir')[0]!.result).toEqual([{ name: 'file', kind: 'file' }]);
    expect(resultsOf('listProcesses')[0]!.result).toEqual([1001, 1002]);
    expect(resultsOf('mark')[0]!.args).toEqual({ name: 'own', data: { token: 1 } });
  });
});
