import { expect, it } from 'vitest';
import { explore } from '../../../src/explore/index.ts';
import { bounded } from '../../../src/scenario/index.ts';
import { SCENARIOS } from '../../../src/systems/index.ts';

it('hardly any step is made twice', async () => {
  const lock = SCENARIOS.find(({ id }) => id === 'model/lock/cold-start')!;
  const small = bounded(lock, { contenders: 2, crashes: 1, stops: 0, losses: 0, busyMs: 0 });
  const { steps, edges, histories, complete } = await explore(small, { preemptions: 2 });
  expect(complete).toBe(true);
  expect(steps).toBeLessThan(edges * 1.2);
  expect(histories).toBeGreaterThan(500);
  expect((await explore(small, { preemptions: 2, remember: false })).steps).toBeGreaterThan(edges * 2);
});
