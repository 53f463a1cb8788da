import { describe, expect, it, test } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { type ScenarioOptions, scenario } from '../../src/scenario/index.ts';

/** Says what it saw, in order. */
const looker: Program = async ({ fs, process, mark }) => {
  const seen: string[] = [];
  seen.push((await process.self()).hostname);
  seen.push(
    String(
      await fs.stat('/f').then(
        ({ size }) => size,
        () => 'none',
      ),
    ),
  );
  seen.push((await process.self()).hostname);
  mark(seen.join(' '));
};
const writer: Program = async ({ fs, mark }) => {
  const fd = await fs.open('/f', 'w');
  mark(`wrote ${await fs.write(fd, 'text')}`);
};

/** What runs came to: the order in which programs spoke, and what they said. */
async function outcomes(options: Partial<ScenarioOptions>, reduce: boolean): Promise<string[]> {
  const found = new Set<string>();
  const made = scenario({
    id: 'test/explored/options',
    programs: { looker, writer },
    start: [{ program: 'looker' }, { program: 'writer' }],
    invariants: [],
    faultsForMs: 100,
    settleMs: 100,
    ...options,
    machine: { operationUs: 0, busyMs: 0, ...options.machine },
  });
  const report = await explore(made, {
    reduce,
    onEnd: ({ world }) => found.add([...world.marks.keys()].sort().join(', ')),
  });
  expect(report).toMatchObject({ verdict: 'passed', complete: true });
  return [...found].sort();
}

describe('every schedule', () => {
  it.each<[string, Partial<ScenarioOptions>]>([
    ['in two phases', { machine: { twoPhase: ['stat', 'write'] } }],
    ['with another host name', { faults: { 'host-name': 1 } }],
    ['with a write that falls short', { faults: { 'short-write': 1 } }],
    ['with a kill, whose files linger', { faults: { kill: 1 }, machine: { lingerMs: 10 } }],
  ])('%s, reduced, comes to the same', async (_, options) => {
    const all = await outcomes(options, false);
    expect(all.length).toBeGreaterThan(2);
    expect(await outcomes(options, true)).toEqual(all);
  });
});

test('which file is open tells states apart, though all else is the same', async () => {
  const holder: Program = async ({ fs, mark }) => {
    const fd = await fs.open('/f', 'r+');
    const done = await fs.stat('/done').then(
      () => 'afterwards',
      () => 'before',
    );
    mark(`${done} ${(await fs.fstat(fd)).nlink}`);
  };
  const replacer: Program = async ({ fs }) => {
    await fs.unlink('/f');
    await fs.writeFile('/f', 'text', { flag: 'wx' });
    await fs.mkdir('/done');
  };
  const options = {
    programs: { holder, replacer },
    start: [{ program: 'holder' }, { program: 'replacer' }],
    machine: { files: { '/f': 'text' }, inodes: 'by-creator' as const },
    crashes: 'allowed' as const,
  };
  const all = await outcomes(options, false);
  expect(all).toEqual(expect.arrayContaining(['afterwards 0', 'afterwards 1']));
  expect(await outcomes(options, true)).toEqual(all);
});

test('when a stopped process goes on tells states apart, though all else is the same', async () => {
  const stopped: Program = async ({ fs }) => {
    await fs.stat('/');
    await fs.mkdir('/done');
  };
  const waiting: Program = async ({ fs, clock, mark }) => {
    await clock.sleep(4);
    mark(
      await fs.stat('/done').then(
        () => 'done in time',
        () => 'late',
      ),
    );
  };
  const options = {
    programs: { stopped, waiting },
    start: [{ program: 'stopped' }, { program: 'waiting' }],
    faults: { stop: { max: 1, forMs: [3, 6] } },
    crashes: 'allowed' as const,
  };
  const all = await outcomes(options, false);
  expect(all).toEqual(['done in time', 'late']);
  expect(await outcomes(options, true)).toEqual(all);
});
