// Identical processes are exchanged for each other only as long as nothing shows that they differ.
import { describe, expect, it } from 'vitest';
import { kindsOf, pairsOf } from '../../src/explore/identical.ts';
import { explore } from '../../src/explore/index.ts';
import { hasCode, type Program } from '../../src/ports/index.ts';
import { atMostOneOwner, bounded, type Scenario, type Start, scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

const IDENTICAL =
  /^identical processes are told apart by nothing but their numbers \((\d+) executions? compared/;

/** A process that was started later does not believe one that was started earlier. */
const lowerPidWins: Program = async ({ fs, process, clock, mark }) => {
  const isFirst = await fs.mkdir('/run/lock').then(
    () => true,
    (error) => {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    },
  );
  const { pid } = await process.self();
  if (isFirst) {
    await fs.writeFile('/run/owner', `${pid}`);
    mark('own');
    await clock.sleep(1_000);
    mark('release');
    return;
  }
  await clock.sleep(10);
  const owner = Number(await fs.readFile('/run/owner'));
  mark(pid > owner ? 'lost' : 'own');
};

function twice(program: Program, start: Partial<Start> = {}): Scenario {
  return scenario({
    id: 'explore/symmetry/twice',
    programs: { worker: program },
    start: [{ program: 'worker', count: 2, ...start }],
    machine: { files: { '/run': null }, operationUs: 0, busyMs: 0, inodes: 'by-creator' },
    invariants: [atMostOneOwner],
  });
}

describe('identical processes', () => {
  it('that compare PIDs are found out, and both orders are tried', async () => {
    const report = await explore(twice(lowerPidWins));
    expect(report.violations.map(({ invariant }) => invariant)).toEqual(['at most one owner']);
    expect(report.assumed.filter((said) => IDENTICAL.test(said))).toEqual([]);
  });

  it('begin in any order if that is asked for', async () => {
    const polite: Program = async ({ fs }) => void (await fs.mkdir('/run/lock').catch(() => {}));
    const some = await explore(twice(polite));
    const all = await explore(twice(polite), { symmetry: false });
    expect(some.assumed.some((said) => IDENTICAL.test(said))).toBe(true);
    expect(all.assumed.some((said) => IDENTICAL.test(said))).toBe(false);
    expect(all.states).toBeGreaterThan(some.states);
  });

  it("of the model's lock stay identical, and the report says on how many executions that rests", async () => {
    const lock = SCENARIOS.find(({ id }) => id === 'model/lock/lost-files')!;
    const bounds = { contenders: 3, crashes: 1, stops: 0, losses: 1, busyMs: 0 };
    // Which file is lost is chosen from a list in which names of processes have their places.
    const report = await explore(bounded(lock, bounds), { preemptions: 0 });
    const said = report.assumed.map((text) => IDENTICAL.exec(text)?.[1]).find((n) => n !== undefined);
    expect(Number(said)).toBeGreaterThan(10);
  });
});

describe('a comparison', () => {
  it('leaves the search where it was, also if it ends early', async () => {
    const lock = SCENARIOS.find(({ id }) => id === 'model/lock/lost-files')!;
    const bounds = { contenders: 2, crashes: 0, stops: 0, losses: 1, busyMs: 0 };
    const some = await explore(bounded(lock, bounds), { preemptions: 2 });
    const all = await explore(bounded(lock, bounds), { preemptions: 2, symmetry: false });
    expect([some.complete, all.complete]).toEqual([true, true]);
    // Two identical processes can change places, and nothing else is left out.
    expect(2 * some.states).toBeGreaterThanOrEqual(all.states);
    expect(some.states).toBeLessThan(all.states);
  });
});

describe('what makes processes identical', () => {
  const kinds = (...start: Start[]) => kindsOf({ start });
  const a = { program: 'a' };

  it('is that all of their start is the same', () => {
    const [first, second, third] = kinds({ ...a, count: 2 }, a);
    expect(first).not.toBeNull();
    expect([second, third]).toEqual([first, first]);
    expect(pairsOf([first!, second!, third!])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
  });

  it.each<[string, Partial<Start>]>([
    ['its arguments', { argv: ['x'] }],
    ['its time', { atMs: 5 }],
    ['its phase', { phase: 'settle' }],
    ['its user', { uid: 5 }],
    ['its container', { pidNamespace: 'c' }],
    ['its clock', { wallOffsetMs: 5 }],
    ['that it adopts orphans', { subreaper: true }],
    ['that it starts again', { atBoot: true }],
    ['its parent', { parent: 'a' }],
    ['its PID', { pidNamespace: 'c', pid: 1 }],
    ['that it is optional', { optional: true }],
    ['that it is foreign', { foreign: true }],
  ])('is not the same with another: %s', (_, rest) => {
    expect(kinds(a, { ...a, ...rest })).toEqual([null, null]);
  });

  it('is nothing where each differs anyway', () => {
    expect(kinds({ ...a, optional: true }, { ...a, optional: true })).toEqual([null, null]);
    expect(kinds(a, { ...a, parent: 'a', count: 2 })).toEqual([null, null, null]);
    expect(kinds({ ...a, foreign: true, count: 2 })).toEqual([null, null]);
  });
});
