/** A watchdog interrupts what takes too long: programs that do not yield, and on a busy machine the search itself. */
import { expect, it, vi } from 'vitest';
import { Search } from '../../src/explore/search.ts';
import { ScheduleTree, type TreeStep } from '../../src/explore/tree.ts';
import { ValidationRun } from '../../src/explore/validate/validation-run.ts';
import type { Program } from '../../src/ports/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const HANG_TIMEOUT_MS = 1_500;

/** Holds the search up once. */
class SlowTree extends ScheduleTree {
  readonly #slowAt: number;
  #added = 0;

  constructor(slowAt: number) {
    super();
    this.#slowAt = slowAt;
  }

  override add(depth: number, step: () => TreeStep): void {
    super.add(depth, step);
    if (++this.#added !== this.#slowAt) return;
    for (const endsAt = performance.now() + 3 * HANG_TIMEOUT_MS; performance.now() < endsAt; );
  }
}

it('a search that is interrupted begins again, and comes to the same', async () => {
  const looks: Program = async ({ fs }) => {
    for (const path of ['/a', '/b', '/c']) await fs.writeFile(path, '');
  };
  const model = scenarioOf({ a: looks, b: looks }, { machine: { operationUs: 0, busyMs: 0 } });
  const searched = async (slowAt: number) => {
    const search = new Search(model, { tree: new SlowTree(slowAt) });
    const { found } = await search.search({ seed: 0, hangTimeoutMs: HANG_TIMEOUT_MS });
    return { found, states: search.states.size, isComplete: search.isComplete, why: search.why };
  };
  const usual = await searched(-1);
  expect(usual).toMatchObject({ found: null, isComplete: true });
  await expect(searched(5)).resolves.toEqual(usual);
});

it('a run that is to confirm what was remembered is made again if it was interrupted', async () => {
  let hangs = false;
  const looks: Program = async ({ fs }) => {
    for (const path of ['/a', '/b']) await fs.writeFile(path, '');
    if (!hangs) return;
    hangs = false;
    for (;;) {}
  };
  const model = scenarioOf({ a: looks, b: looks }, { machine: { operationUs: 0, busyMs: 0 } });
  const searched = async (hangsAt: number) => {
    const due = vi.spyOn(ValidationRun, 'isDue').mockImplementation((executions) => {
      hangs = executions === hangsAt;
      return executions === 1;
    });
    const search = new Search(model, {});
    const { found } = await search.search({ seed: 0, hangTimeoutMs: HANG_TIMEOUT_MS });
    due.mockRestore();
    return { found, hangs, histories: search.histories, isComplete: search.isComplete };
  };
  const usual = await searched(-1);
  expect(usual).toMatchObject({ found: null, isComplete: true, histories: expect.any(Number) });
  expect(usual.histories).toBeGreaterThan(0);
  await expect(searched(1)).resolves.toEqual(usual);
});
