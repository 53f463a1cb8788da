import { describe, expect, it } from 'vitest';
import { SingleFlight } from '../../src/model/index.ts';
import { run } from './helpers.ts';

describe('single flight', () => {
  it('does the work once for all concurrent calls', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const flight = new SingleFlight<number>();
      let begun = 0;
      const ask = () =>
        flight.run(async () => {
          begun++;
          await clock.sleep(100);
          return begun;
        });
      const first = [ask(), ask()];
      await clock.sleep(50);
      log(await Promise.all([...first, ask()]));
      log(await ask());
    });
    expect(lines).toEqual([[1, 1, 1], 2]);
  });

  it('shares a failure, and starts again after it, even from its handler', async () => {
    const { lines } = await run(async ({ clock }, log) => {
      const flight = new SingleFlight<string>();
      let begun = 0;
      const ask = () =>
        flight.run(async () => {
          await clock.sleep(10);
          if (begun++ === 0) throw new Error('no');
          return 'yes';
        });
      const again = async (error: Error) => `${error.message}, then ${await ask()}`;
      log(await Promise.all([ask().catch(again), ask().catch(again)]));
      log(begun);
    });
    expect(lines).toEqual([['no, then yes', 'no, then yes'], 2]);
  });

  it('a synchronous exception is an ordinary failure, and is not cached', async () => {
    const { lines } = await run(async (_, log) => {
      const flight = new SingleFlight<string>();
      const thrower = (): Promise<string> => {
        throw new Error('at once');
      };
      log(await flight.run(thrower).catch(({ message }: Error) => message));
      log(await flight.run(async () => 'well'));
    });
    expect(lines).toEqual(['at once', 'well']);
  });
});
