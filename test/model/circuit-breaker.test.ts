import { describe, expect, it } from 'vitest';
import { CircuitBreaker, CircuitOpenError } from '../../src/model/index.ts';
import type { Ports } from '../../src/ports/index.ts';
import { run } from './helpers.ts';

const MINUTE_MS = 60_000;
const LONG = { settleMs: 10 * MINUTE_MS };

/** What becomes of one call: its result, `no` for a failure of the work, or how long to wait. */
async function attempt(breaker: CircuitBreaker, work: () => Promise<string>): Promise<string> {
  try {
    return await breaker.run(work);
  } catch (error) {
    if (!(error instanceof CircuitOpenError)) return (error as Error).message;
    return `wait ${Math.round(error.retryInMs / 1_000)} s`;
  }
}

const well = async (): Promise<string> => 'well';
const fails = async (): Promise<string> => {
  throw new Error('no');
};

async function failThrice(breaker: CircuitBreaker): Promise<void> {
  for (let i = 0; i < 3; i++) await attempt(breaker, fails);
}

/** @param work told how often it has been begun */
function counted(work: () => Promise<string>): { work: () => Promise<string>; begun: number } {
  const count = {
    begun: 0,
    work: () => {
      count.begun++;
      return work();
    },
  };
  return count;
}

/** A clock that answers on demand. */
class HandClock {
  readonly #asked: ((ms: number) => void)[] = [];
  readonly ports = {
    clock: { monotonicMs: () => new Promise<number>((resolve) => this.#asked.push(resolve)) },
  } as unknown as Pick<Ports, 'clock'>;

  /** All who have asked, now or on hearing of the answer. */
  async answerAll(ms: number): Promise<void> {
    await settled();
    for (const answer of this.#asked.splice(0)) answer(ms);
    await settled();
    if (this.#asked.length > 0) await this.answerAll(ms);
  }
}

/** All that can go on without another event has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a circuit breaker', () => {
  it('refuses after three failures in a row, without beginning the work, for a minute', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      const failing = counted(fails);
      for (let i = 0; i < 5; i++) log(await attempt(breaker, failing.work));
      log(failing.begun);
      await clock.sleep(MINUTE_MS - 2_000);
      log(await attempt(breaker, well));
      await clock.sleep(2_000);
      log(await attempt(breaker, well));
      log(await attempt(breaker, well));
    }, LONG);
    expect(lines).toEqual(['no', 'no', 'no', 'wait 60 s', 'wait 60 s', 3, 'wait 2 s', 'well', 'well']);
  });

  it('counts only failures in a row: a success resets the count', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      for (const work of [fails, fails, well, fails, fails, well]) log(await attempt(breaker, work));
    });
    expect(lines).toEqual(['no', 'no', 'well', 'no', 'no', 'well']);
  });

  it('lets exactly one call through after a minute; its failure opens it for another minute', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      await failThrice(breaker);
      await clock.sleep(MINUTE_MS);
      const slow = counted(async () => {
        await clock.sleep(1_000);
        throw new Error('no');
      });
      log(await Promise.all([1, 2, 3].map(() => attempt(breaker, slow.work))));
      log(slow.begun);
      await clock.sleep(MINUTE_MS - 1_000);
      log(await attempt(breaker, well));
      await clock.sleep(1_000);
      log(await attempt(breaker, well));
    }, LONG);
    expect(lines).toEqual([['no', 'wait 60 s', 'wait 60 s'], 1, 'wait 1 s', 'well']);
  });

  it('opens at the third of many concurrent failures, without letting further calls through', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      const late = async (): Promise<string> => {
        await clock.sleep(10);
        return fails();
      };
      // The fourth asks as soon as it hears of the third.
      const third = attempt(breaker, late);
      const calls = [attempt(breaker, late), attempt(breaker, late), third];
      log(await Promise.all(calls));
      log(await attempt(breaker, well));
    });
    expect(lines).toEqual([['no', 'no', 'no'], 'wait 60 s']);
  });

  it('ignores success and failure of calls from before it opened', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      const later = (ms: number, work: () => Promise<string>) => async () => {
        await clock.sleep(ms);
        return work();
      };
      const early = [attempt(breaker, later(1_000, well)), attempt(breaker, later(30_000, fails))];
      await failThrice(breaker);
      log(await early[0]);
      log(await attempt(breaker, well));
      log(await early[1]);
      // Not a minute from the late failure.
      log(await attempt(breaker, well));
    }, LONG);
    expect(lines).toEqual(['well', 'wait 59 s', 'no', 'wait 30 s']);
  });

  it('a call that never ends blocks it only for another minute', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const breaker = new CircuitBreaker({ clock });
      await failThrice(breaker);
      await clock.sleep(MINUTE_MS);
      void attempt(breaker, () => new Promise(() => {}));
      await clock.sleep(1_000);
      log(await attempt(breaker, well));
      await clock.sleep(MINUTE_MS);
      log(await attempt(breaker, well));
    }, LONG);
    expect(lines).toEqual(['wait 59 s', 'well']);
  });

  it.each([
    ['a hundred times as fast', 100],
    ['that stands still', -1],
  ])('is not affected by a wall clock %s', async (_, wallDrift) => {
    const { lines } = await run(
      async ({ clock }, log) => {
        const breaker = new CircuitBreaker({ clock });
        await failThrice(breaker);
        await clock.sleep(MINUTE_MS / 2);
        log(await attempt(breaker, well));
        await clock.sleep(MINUTE_MS / 2);
        log(await attempt(breaker, well));
      },
      { ...LONG, machine: { wallDrift, busyMs: 0 } },
    );
    expect(lines).toEqual(['wait 30 s', 'well']);
  });

  it('lets no call through while it reads the clock', async () => {
    const clock = new HandClock();
    const breaker = new CircuitBreaker(clock.ports);
    const calls = [1, 2, 3].map(() => attempt(breaker, fails));
    await settled();
    // The third has failed, and waits for the clock.
    const fourth = attempt(breaker, well);
    await clock.answerAll(5_000);
    expect(await Promise.all([...calls, fourth])).toEqual(['no', 'no', 'no', 'wait 60 s']);
  });

  it('stays closed if it was closed while a call read the clock', async () => {
    const clock = new HandClock();
    const breaker = new CircuitBreaker(clock.ports, { failures: 1 });
    const first = attempt(breaker, fails);
    await clock.answerAll(0);
    expect(await first).toBe('no');

    let finish: (result: string) => void = () => {};
    const probe = attempt(breaker, () => new Promise((resolve) => (finish = resolve)));
    await clock.answerAll(MINUTE_MS);
    const second = attempt(breaker, () => new Promise(() => {}));
    await settled();
    finish('well');
    expect(await probe).toBe('well');
    await clock.answerAll(MINUTE_MS);
    // The second call is still running, but others need not wait for it.
    void second;
    const third = attempt(breaker, well);
    await clock.answerAll(MINUTE_MS);
    expect(await third).toBe('well');
  });

  it('accepts other numbers', async () => {
    const { lines } = await run(async ({ clock }: Pick<Ports, 'clock'>, log) => {
      const breaker = new CircuitBreaker({ clock }, { failures: 1, cooldownMs: 5_000 });
      log(await attempt(breaker, fails));
      log(await attempt(breaker, well));
      await clock.sleep(5_000);
      log(await attempt(breaker, well));
    });
    expect(lines).toEqual(['no', 'wait 5 s', 'well']);
  });
});
