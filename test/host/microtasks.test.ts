import { describe, expect, it } from 'vitest';
import type { Ports, Program } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** What code may use that runs both in a simulated process and in plain Node. */
interface Host {
  log(line: unknown): void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

type Sample = (host: Host) => Promise<unknown>;

const SAMPLES: Readonly<Record<string, Sample>> = {
  async 'Promise.all'({ log, sleep }) {
    const slow = async (ms: number) => {
      await sleep(ms);
      log(ms);
      return ms * 2;
    };
    log(await Promise.all([slow(30), slow(10), slow(20), 7]));
  },
  async 'Promise.race'({ log, sleep }) {
    const named = (name: string, ms: number) => sleep(ms).then(() => name);
    log(await Promise.race([named('slow', 40), named('fast', 10)]));
  },
  async 'Promise.any'({ log, sleep }) {
    const fails = sleep(5).then(() => {
      throw new Error('first');
    });
    log(await Promise.any([fails, sleep(15).then(() => 'second')]));
    const none = Promise.any([Promise.reject(new Error('a')), Promise.reject(new Error('b'))]);
    await none.catch((error) => log(error.errors.map(({ message }: Error) => message)));
  },
  async 'Promise.allSettled'({ log, sleep }) {
    const results = await Promise.allSettled([sleep(5), sleep(5).then(() => Promise.reject('no'))]);
    log(results.map(({ status }) => status));
  },
  async 'a hundred async functions deep'({ log, sleep }) {
    const dig = async (depth: number): Promise<number> => {
      if (depth === 0) {
        await sleep(1);
        return 0;
      }
      return 1 + (await dig(depth - 1));
    };
    log(await dig(100));
  },
  async 'async generators'({ log, sleep }) {
    async function* count() {
      try {
        for (let i = 0; ; i++) {
          await sleep(2);
          yield i;
        }
      } finally {
        await sleep(2);
        log('closed');
      }
    }
    for await (const i of count()) {
      log(i);
      if (i === 3) break;
    }
  },
  async 'an aborted sleep'({ log, sleep }) {
    const controller = new AbortController();
    const sleeping = sleep(10_000, controller.signal).catch((error) => log(error));
    await sleep(5);
    controller.abort('enough');
    await sleeping;
    await sleep(1, controller.signal).catch((error) => log(`again: ${error}`));
  },
  async 'an abort after the sleep'({ log, sleep }) {
    const controller = new AbortController();
    await sleep(2, controller.signal);
    controller.abort();
    log('slept');
  },
  async 'the order of microtasks'({ log, sleep }) {
    queueMicrotask(() => log('microtask'));
    process.nextTick(() => log('tick'));
    Promise.resolve().then(() => log('then'));
    await null;
    log('await');
    await sleep(1);
    log('slept');
    queueMicrotask(() => log('microtask'));
    process.nextTick(() => log('tick'));
    await sleep(1);
  },
  async thenables({ log, sleep }) {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested
      then: (resolve: (value: string) => void) => void sleep(3).then(() => resolve('then')),
    };
    log(await thenable);
  },
  async 'promises that are no call of a port'({ log, sleep }) {
    let open = (_: string): void => {};
    const gate = new Promise<string>((resolve) => {
      open = resolve;
    });
    const waits = gate.then((value) => log(value));
    await sleep(3);
    open('opened');
    await waits;
  },
  async 'try and finally'({ log, sleep }) {
    const work = async () => {
      try {
        await sleep(1);
        throw new Error('inner');
      } catch (error) {
        log((error as Error).message);
        return 'caught';
      } finally {
        await sleep(1);
        log('finally');
      }
    };
    log(await work());
  },
  async 'a rejection handled in the same turn'({ log }) {
    const rejected = Promise.reject(new Error('late'));
    await null;
    await null;
    await rejected.catch(({ message }) => log(message));
  },
};

async function inNode(sample: Sample): Promise<unknown[]> {
  const lines: unknown[] = [];
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  // In a macrotask of its own, as a simulated step is.
  await new Promise((resolve) => {
    setImmediate(() => resolve(sample({ log: (line) => lines.push(line), sleep })));
  });
  return lines;
}

async function inSimulation(sample: Sample) {
  const lines: unknown[] = [];
  const program: Program = async ({ clock }: Ports) => {
    await sample({
      log: (line) => lines.push(line),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    });
  };
  const { failure, events } = await runOnce(scenarioOf({ program }, { settleMs: 20_000 }));
  return { lines, failure, events };
}

describe.concurrent('ordinary asynchronous code in a program', () => {
  it.each(Object.entries(SAMPLES))('%s: as in Node', async (_, sample) => {
    const expected = await inNode(sample);
    const first = await inSimulation(sample);
    expect(first.failure).toBeNull();
    expect(first.lines).toEqual(expected);
    expect(first.lines.length).toBeGreaterThan(0);
    const second = await inSimulation(sample);
    expect(second.events).toEqual(first.events);
  });
});
