// Which operations conflict is measured in runs: for each way to conflict, two processes whose operations do.
import { describe, expect, it } from 'vitest';
import { estimatesOf } from '../../src/check/estimates.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => {});

/** The pairs of operations that conflict when these two processes run, each in order of the alphabet. */
async function conflictsOf(a: Program, b: Program): Promise<string[]> {
  const scenario = scenarioOf(
    { a, b },
    {
      start: [{ program: 'a' }, { program: 'b' }],
      machine: { files: { '/d/a': 'a', '/d/link': 'b', '/e/f': '' } },
      crashes: 'allowed',
    },
  );
  const { profile } = (await estimatesOf(scenario, undefined))!;
  const pairs = [...profile!.operations].flatMap(([name, { conflicts }]) =>
    [...conflicts].map((other) => [name, other].sort().join(' | ')),
  );
  return [...new Set(pairs)].sort();
}

type Work = (ports: Ports) => Promise<unknown>;
const does =
  (...works: readonly Work[]): Program =>
  async (ports) => {
    for (const work of works) await quietly(work(ports));
  };

describe('two operations conflict', () => {
  it.each<[string, Work, Work, string]>([
    [
      'if one changes what the other looks at',
      ({ fs }) => fs.chmod('/d/a', 0o600),
      ({ fs }) => fs.stat('/d/a'),
      'chmod /d/a 384 | stat /d/a',
    ],
    [
      'if one removes a name and the other lists its directory',
      ({ fs }) => fs.unlink('/d/a'),
      ({ fs }) => fs.readdir('/d'),
      'readdir /d | unlink /d/a',
    ],
    [
      'if they use the same file under two paths',
      ({ fs }) => fs.chmod('/d/../d/a', 0o600),
      ({ fs }) => fs.stat('/d/a'),
      'chmod /d/../d/a 384 | stat /d/a',
    ],
  ])('%s', async (_, a, b, expected) => {
    expect(await conflictsOf(does(a), does(b))).toContain(expected);
  });

  it('not if both only look', async () => {
    const look = does(
      ({ fs }) => fs.stat('/d/a'),
      ({ fs }) => fs.readdir('/d'),
    );
    expect(await conflictsOf(look, look)).toEqual([]);
  });

  it('not if they are about different directories', async () => {
    const make = does(({ fs }) => fs.writeFile('/e/new', ''));
    const list = does(({ fs }) => fs.readdir('/d'));
    expect(await conflictsOf(make, list)).toEqual([]);
  });

  it('not if one process performs them both', async () => {
    const alone = does(
      ({ fs }) => fs.chmod('/d/a', 0o600),
      ({ fs }) => fs.stat('/d/a'),
    );
    expect(await conflictsOf(alone, does())).toEqual([]);
  });
});
