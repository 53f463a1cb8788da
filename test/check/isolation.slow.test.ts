// Memory that processes of a scenario share is found, without a module that could be loaded again; and sound scenarios pass.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, type ScenarioReport } from '../../src/check/index.ts';
import { compare } from '../../src/check/isolation/traced-run.ts';
import { type Job, type TaskResult, takeTurns } from '../../src/check/parallel/job.ts';
import { merge } from '../../src/check/parallel/merge.ts';
import { SharedCounters } from '../../src/check/parallel/shared-counters.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { executeSlowly } from '../../src/run/execute.ts';
import { BUILT_IN, emptySchedule, NO_COVERAGE, ReplayedChoices, Run } from '../../src/run/index.ts';
import { always, atMostOneOwner, ifExercised, type Scenario } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { scenarioOf } from './helpers.ts';

const SOURCE = readFileSync(import.meta.filename, 'utf8').split('\n');

/** Where a variable of this file is declared, as a report says it. */
function declared(line: string): string {
  const at = SOURCE.findIndex((text) => text.trim() === line);
  expect(at).toBeGreaterThan(0);
  return `(${import.meta.filename}:${at + 1})`;
}

/** The lock that each of two processes finds free, one after the other. */
async function lockNaively({ fs, clock, mark }: Ports): Promise<number> {
  if (await fs.exists('/lock')) return 1;
  await fs.writeFile('/lock', '');
  mark('own');
  await clock.sleep(5);
  mark('release');
  await fs.unlink('/lock');
  return 0;
}

function twice(program: Program): Scenario {
  return scenarioOf(
    { program },
    {
      start: [{ program: 'program', count: 2 }],
      crashes: 'allowed',
      invariants: [ifExercised(atMostOneOwner)],
    },
  );
}

function checkTwo(program: Program): Promise<ScenarioReport> {
  return check(twice(program), { seed: 1, runs: 50 });
}

describe('a lock in memory in front of a broken one', () => {
  it('without it, is violated', async () => {
    expect(await checkTwo(lockNaively)).toMatchObject({ verdict: 'violated' });
  });

  it('is named when it is a variable', async () => {
    let locked = false;
    const { verdict, reason } = await checkTwo(async (ports) => {
      while (locked) await ports.clock.sleep(1);
      locked = true;
      try {
        return await lockNaively(ports);
      } finally {
        locked = false;
      }
    });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain(`locked ${declared('let locked = false;')}`);
  });

  it('is named when it is a set of what is in flight', async () => {
    const inFlight = new Set<string>();
    const { verdict, reason } = await checkTwo(async (ports) => {
      if (inFlight.has('start')) return 1;
      inFlight.add('start');
      try {
        return await lockNaively(ports);
      } finally {
        inFlight.delete('start');
      }
    });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain(`inFlight ${declared('const inFlight = new Set<string>();')}`);
  });

  it('is named when it is a private field', async () => {
    class Mutex {
      #held = false;
      take(): boolean {
        if (this.#held) return false;
        this.#held = true;
        return true;
      }
      free(): void {
        this.#held = false;
      }
    }
    const mutex = new Mutex();
    const { verdict, reason } = await checkTwo(async (ports) => {
      while (!mutex.take()) await ports.clock.sleep(1);
      await lockNaively(ports);
      mutex.free();
    });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain(`mutex.#held ${declared('const mutex = new Mutex();')}`);
  });

  it('is named when it is a global variable', async () => {
    const global = globalThis as { lockOfThisTest?: boolean };
    const { verdict, reason } = await checkTwo(async (ports) => {
      while (global.lockOfThisTest) await ports.clock.sleep(1);
      global.lockOfThisTest = true;
      await lockNaively(ports);
      global.lockOfThisTest = false;
    });
    delete global.lockOfThisTest;
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain('globalThis.lockOfThisTest');
  });

  it('is not checked if that is turned off, and the report says so', async () => {
    let locked = false;
    const guarded = twice(async (ports) => {
      while (locked) await ports.clock.sleep(1);
      locked = true;
      await lockNaively(ports);
      locked = false;
    });
    const report = await check(guarded, { seed: 1, runs: 50, isolation: false });
    expect(report).toMatchObject({
      verdict: 'passed',
      assumed: expect.arrayContaining(['programs share no memory: the check was turned off']),
    });
  });
});

describe('what is kept from run to run', () => {
  it('is named when the first runs have used it up', async () => {
    let chances = 2;
    const { verdict, reason, unstable } = await checkTwo(async ({ mark }) => {
      if (chances-- > 0) mark('lucky');
    });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain(`chances ${declared('let chances = 2;')}`);
    expect(unstable).toMatch(/^os1:test\/test\/test:/);
  });

  it('is named by the next check when a search was stopped in the middle of a run', async () => {
    let locked = false;
    const used = twice(async ({ fs, mark }) => {
      if (locked) return mark('lost');
      locked = true;
      await fs.stat('/');
      locked = false;
    });
    const interruption = new AbortController();
    const search = async () => {
      let run: Run | null = new Run(used, new ReplayedChoices(emptySchedule()));
      const next = () => {
        const begun = run;
        run = null;
        return begun;
      };
      const stop = {
        get aborted() {
          return locked;
        },
      };
      await executeSlowly(next, () => {}, undefined, stop);
      interruption.abort();
      return { runs: 1, steps: 1, ...NO_COVERAGE, found: null };
    };
    await check(used, { seed: 1, search, signal: interruption.signal });
    expect(locked).toBe(true);
    const { verdict, reason } = await check(used, { seed: 1, runs: 50 });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain('locked (');
  });

  it('is not checked if that is turned off, and the report says so', async () => {
    let chances = 2;
    const used = twice(async ({ mark }) => {
      if (chances-- > 0) mark('lucky');
    });
    expect(await check(used, { seed: 1, runs: 50, isolation: false })).toMatchObject({
      verdict: 'passed',
      assumed: expect.arrayContaining(['programs share no memory: the check was turned off']),
    });
  });

  it('is seen when recorded tokens are replayed before the search', async () => {
    let chances = 2;
    const used = twice(async ({ mark }) => {
      if (chances-- > 0) mark('lucky');
    });
    const recorded = [encodeToken(used, emptySchedule())];
    expect(await check(used, { seed: 1, runs: 50, recorded })).toMatchObject({ verdict: 'nondeterministic' });
  });

  describe('by one of several threads', () => {
    const common = { strategy: 'random', endsAtMs: Number.POSITIVE_INFINITY };
    const options = { seed: 1, runs: 8 };
    const useUp = (): Scenario => {
      let chances = 2;
      return twice(async ({ mark }) => {
        if (chances-- > 0) mark('lucky');
      });
    };

    const turnedOff = { ...options, isolation: false as const };

    async function pieceOf(used: Scenario, job: Job, shared: SharedCounters): Promise<TaskResult> {
      const pieces: TaskResult[] = [];
      const emit = (piece: TaskResult): void => void pieces.push(piece);
      await takeTurns(job, shared, { find: async () => used, emit });
      return pieces[0]!;
    }

    it('is seen by that thread, in a chunk', async () => {
      const used = useUp();
      const chunks = { runs: 8, made: 0, each: 8, first: 0, of: 1 };
      const place = { url: 'file:///none.mjs', id: used.id };
      const job: Job = { kind: 'chunks', ...common, ...place, options, chunks };
      const piece = await pieceOf(used, job, SharedCounters.begin());
      expect(piece).toMatchObject({ kind: 'searched', searched: { shared: { difference: {} } } });
    });

    it('is seen by that thread, in a check that it hands over', async () => {
      const used = useUp();
      const targets = [{ url: 'file:///none.mjs', id: used.id, recorded: [] }];
      const job: Job = { kind: 'scenarios', ...common, options, targets, lanes: 2, bail: false };
      const shared = SharedCounters.begin();
      shared.idles();
      const piece = await pieceOf(used, job, shared);
      expect(piece).toMatchObject({ kind: 'handed-over', searched: { shared: { difference: {} } } });
    });

    it('is not checked by a thread if that is turned off', async () => {
      const [one, other] = [useUp(), useUp()];
      const place = { url: 'file:///none.mjs', id: one.id };
      const chunks = { runs: 8, made: 0, each: 8, first: 0, of: 1 };
      const chunksJob: Job = { kind: 'chunks', ...common, ...place, options: turnedOff, chunks };
      const chunk = await pieceOf(one, chunksJob, SharedCounters.begin());
      const targets = [{ ...place, recorded: [] }];
      const job: Job = { kind: 'scenarios', ...common, options: turnedOff, targets, lanes: 2, bail: false };
      const shared = SharedCounters.begin();
      shared.idles();
      const handedOver = await pieceOf(other, job, shared);
      expect([chunk.kind, handedOver.kind]).toEqual(['searched', 'handed-over']);
      for (const piece of [chunk, handedOver])
        expect(piece).toMatchObject({ searched: { runs: expect.any(Number), found: null } });
      for (const piece of [chunk, handedOver]) expect(piece).not.toHaveProperty('searched.shared');
    });

    it('is reported by the thread that is asked', async () => {
      const shared = { schedule: emptySchedule(), difference: null, variables: 'chances', module: null };
      const chunk = { runs: 1, steps: 1, ...NO_COVERAGE, found: null };
      const search = async () => merge([chunk, { ...chunk, shared }, chunk]);
      const report = await check(
        twice(async () => 0),
        { seed: 1, search },
      );
      expect(report).toMatchObject({ verdict: 'nondeterministic', runs: 3 });
      expect(report.reason).toContain('chances');
    });
  });

  it('is no violation when only the first run shows it', async () => {
    let first = true;
    const program: Program = async ({ mark, fs }) => {
      const bad = first;
      first = false;
      await fs.stat('/');
      if (bad) mark('bad');
    };
    const failing = scenarioOf(
      { program },
      { invariants: [always('nothing bad', ({ marks }) => (marks.has('bad') ? 'bad' : null))] },
    );
    const { verdict, reason } = await check(failing, { seed: 1, runs: 50 });
    expect(verdict).toBe('nondeterministic');
    expect(reason).toContain(`first ${declared('let first = true;')}`);
  });
});

describe('a violation of the first runs', () => {
  const search = async () => ({
    runs: 1,
    steps: 1,
    ...NO_COVERAGE,
    found: null,
  });

  it('counts even if the search finds none', async () => {
    const report = await check(twice(lockNaively), { seed: 1, search });
    expect(report).toMatchObject({ verdict: 'violated', firstViolationAtRun: 1 });
  });

  it('does not count when the real clock has ended it', async () => {
    let loops = 1;
    const hangsOnce = scenarioOf({
      program: async () => {
        while (loops-- > 0) for (;;) {}
      },
    });
    const report = await check(hangsOnce, { seed: 1, runs: 1, search, hangTimeoutMs: 200 });
    expect(report).toMatchObject({ verdict: 'passed', firstViolationAtRun: null });
  });

  it('does not count where the search has bounds that they do not have', async () => {
    const report = await check(twice(lockNaively), { seed: 1, runs: 1, search, bounded: true });
    expect(report).toMatchObject({ verdict: 'passed' });
  });
});

it('a different run proves nothing if it was ended by the real clock', () => {
  const run = { schedule: emptySchedule(), events: [], failure: null };
  const slow = (invariant: string) => ({ ...run, failure: { invariant, message: '' } });
  for (const invariant of [BUILT_IN['never-yields'], BUILT_IN['hung-invariant']]) {
    expect([compare(slow(invariant), run), compare(run, slow(invariant))]).toEqual([null, null]);
  }
  expect(compare(slow(BUILT_IN.crash), run)).toMatchObject({ difference: null });
});

describe('is no shared memory', () => {
  it.each<[string, () => Program]>([
    [
      'a constant that is made when it is first needed',
      () => {
        let retries: { most: number } | null = null;
        return async ({ fs }) => {
          retries ??= { most: 3 };
          for (let i = 0; i < retries.most; i++) await fs.stat('/');
        };
      },
    ],
    [
      'a count of what was done',
      () => {
        let calls = 0;
        return async ({ fs }) => {
          calls++;
          await fs.stat('/');
          await fs.stat('/');
          calls++;
          return Math.sign(calls - 1);
        };
      },
    ],
    [
      'a table with an entry for each process',
      () => {
        const states = new Map<number, string>();
        return async ({ fs, process: own }) => {
          const { pid } = await own.self();
          states.set(pid, 'busy');
          await fs.stat('/');
          await fs.stat('/');
          states.delete(pid);
        };
      },
    ],
  ])('%s', async (_, programOf) => {
    const report = await checkTwo(programOf());
    expect(report).toMatchObject({ verdict: 'passed', reason: null });
    expect(report.assumed.join()).toContain('variables were watched');
  });

  it('what only one process changes and sees', async () => {
    let busy = false;
    const program: Program = async ({ fs }) => {
      busy = !busy;
      await fs.stat('/');
      await fs.stat('/');
      busy = !busy;
    };
    expect(await check(scenarioOf({ program }), { seed: 1, runs: 50 })).toMatchObject({ verdict: 'passed' });
  });
});
