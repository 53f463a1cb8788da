import { describe, expect, it } from 'vitest';
import { replay } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { guestProgram } from '../../src/guest/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { bounded, findBounded, type Scenario, scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { outcomes, reaches } from './outcomes.ts';
import { OTHERS, OWN, scenarioOf, type Tiny } from './tiny.ts';

function find(id: string): Scenario {
  return SCENARIOS.find((scenario) => scenario.id === id)!;
}

describe('explore', () => {
  const none = { same: false, kills: 0, stops: 0, losses: 0, watched: false, way: 'plain' } as const;

  it.each<[string, Tiny]>([
    ['a path before another lists it', { ...none, deeds: [[['create', OWN]], [['listSome', OTHERS]]] }],
    ['a path before another lists all', { ...none, deeds: [[['create', OWN]], [['list', '/d']]] }],
    [
      'a directory before its last change is looked at',
      {
        ...none,
        deeds: [
          [
            ['pause', '/d'],
            ['overwrite', '/d/a'],
            ['create', OWN],
          ],
          [
            ['pause', '/d'],
            ['read', '/d/a'],
            ['lookClosely', '/d'],
          ],
        ],
      },
    ],
    [
      'a file whose names another counts',
      {
        ...none,
        deeds: [
          [
            ['create', OWN],
            ['link', OWN, '/d/b'],
            ['remove', OWN],
          ],
          [['lookClosely', '/d/b']],
        ],
      },
    ],
    [
      'a file that is emptied under one name and read under another',
      {
        ...none,
        deeds: [
          [
            ['create', OWN],
            ['link', OWN, '/d/b'],
            ['overwrite', OWN],
          ],
          [['read', '/d/b']],
        ],
      },
    ],
    [
      'a file that vanishes before its creator removes it',
      {
        ...none,
        losses: 1,
        deeds: [
          [
            ['create', OWN],
            ['remove', OWN],
          ],
          [['say', '/e']],
        ],
      },
    ],
    [
      'what a killed process has left, if anybody looks',
      { ...none, kills: 1, watched: true, deeds: [[['create', OWN]], [['count', '/d']]] },
    ],
  ])('does not take for one process’s own: %s', async (_, model) => {
    const all = await outcomes(scenarioOf(model), { reduce: false });
    expect(all.report.complete).toBe(true);
    await reaches(model, all.found);
    expect(all.found.length).toBeGreaterThan(1);
  });

  it('does not take a step for independent in which a guest goes on to do more', async () => {
    const writer = guestProgram({
      from: import.meta.url,
      main: async (require, { process }) => {
        await process.randomHex(1);
        require('node:fs').writeFileSync('/d/a', 'new');
      },
    });
    const reader: Program = async ({ fs }) => ((await fs.readFile('/d/a')) === 'old' ? 1 : 2);
    const pair = scenario({
      id: 'tiny/guest/writes',
      programs: { writer, reader },
      start: [{ program: 'writer' }, { program: 'reader' }],
      machine: { files: { '/d/a': 'old' }, operationUs: 0, busyMs: 0, inodes: 'by-creator' },
      faults: {},
      faultsForMs: 20,
      settleMs: 20,
      invariants: [],
    });
    const all = await outcomes(pair, { reduce: false });
    const some = await outcomes(pair, {});
    expect([all.report.complete, some.report.complete]).toEqual([true, true]);
    expect(all.found.length).toBeGreaterThan(1);
    expect(some.found).toEqual(all.found);
  });

  it('says that it is not complete when the time is up, or no more states may be kept', async () => {
    const lock = bounded(find('model/lock/cold-start'), bounds({ contenders: 3 }));
    const timed = await explore(lock, { budgetMs: 200 });
    expect(timed).toMatchObject({ complete: false, verdict: 'inconclusive', ok: false });
    expect(timed.reason).toMatch(/^the time was up after \d+ states$/);
    const small = await explore(lock, { maxStates: 100 });
    expect(small).toMatchObject({ complete: false, verdict: 'inconclusive' });
    expect(small.reason).toBe('no more than 100 states are kept');
  });

  it('finds two owners of the naive lock, with a token that names the bounds and replays', async () => {
    const report = await explore(bounded(find('model/naive/cold-start'), bounds({})));
    expect(report).toMatchObject({ verdict: 'violated', ok: true, complete: false });
    const [violation] = report.violations;
    expect(violation).toMatchObject({ invariant: 'at most one owner', contenders: 2 });
    expect(violation!.token).toContain(':model/naive/cold-start+contenders=2:');
    const again = await replay(violation!.token, (id) => SCENARIOS.find((scenario) => scenario.id === id));
    expect(again.failure?.invariant).toBe('at most one owner');
  });

  it("proves the model's lock: two contenders, one crash anywhere, any number of preemptions", async () => {
    const lock = bounded(find('model/lock/cold-start'), bounds({ crashes: 1 }));
    const report = await explore(lock);
    expect(report).toMatchObject({ complete: true, verdict: 'passed', violations: [] });
    expect(report.sometimes['a takeover happened']).toBeGreaterThan(0);
    expect(report.states).toBeGreaterThan(1_000);
  });

  it('ends a program that a search cannot follow as a check does', async () => {
    let memory = 0;
    const forgetful = scenario({
      id: 'explore/assumptions/memory',
      programs: {
        one: async ({ clock, fs }) => {
          memory++;
          await clock.sleep(1);
          // Runs differ from each other, however many there are.
          if (memory % 3 === 0) await fs.mkdir('/x').catch(() => {});
          await fs.stat('/').catch(() => {});
          return 0;
        },
      },
      start: [{ program: 'one', count: 2 }],
      machine: { operationUs: 0, busyMs: 0 },
      invariants: [],
    });
    expect((await explore(forgetful)).verdict).toBe('nondeterministic');
  });
});

describe('bounds', () => {
  it('are told by the id, and found again from it', () => {
    const lock = find('model/lock/cold-start');
    const small = bounded(lock, bounds({ contenders: 3, crashes: 1, losses: 2, busyMs: 50 }));
    expect(small.id).toBe('model/lock/cold-start+contenders=3+crashes=1+losses=2+busyms=50');
    const again = findBounded(small.id, (id) => (id === lock.id ? lock : undefined));
    expect(again?.hash).toBe(small.hash);
    expect(small.start).toEqual([{ program: 'worker', count: 3 }]);
  });

  it.each([
    'model/lock/cold-start',
    'model/lock/cold-start+',
    'model/lock/cold-start+contenders',
    'model/lock/cold-start+contenders=two',
    'model/lock/cold-start+crashes=1+contenders=2',
    'model/lock/cold-start+contenders=2+contenders=2',
    'no/such/scenario+contenders=2',
  ])('are not found from %j', (id) => {
    expect(findBounded(id, (base) => SCENARIOS.find((scenario) => scenario.id === base))).toBeUndefined();
  });

  it.each([{ contenders: 0 }, { contenders: 1.5 }, { crashes: -1 }, { busyMs: Number.NaN }])(
    'that make no sense are refused: %j',
    (wrong) => {
      expect(() => bounded(find('model/lock/cold-start'), bounds(wrong))).toThrow(
        /expected a whole number from [01] to/,
      );
    },
  );
});

function bounds(some: Partial<Parameters<typeof bounded>[1]>) {
  return { contenders: 2, crashes: 0, stops: 0, losses: 0, busyMs: 0, ...some };
}
