// docs/claims.json says what is so: its scenarios exist with their verdicts, its tests exist, its numbers are asserted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { protocolMutants } from '../../src/mutation/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { CLAIMS, type Claim, claimed, claimedAll, claimsOf } from './claims.ts';
import { claimsPage } from './page.ts';

const ROOT = join(import.meta.dirname, '../..');
const mutants = new Set(protocolMutants().map(({ name }) => name));
const scenarios = new Map(SCENARIOS.map((scenario) => [scenario.id, scenario]));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

it('docs/claims.md is as generated: npm run claims', async () => {
  await expect(claimsPage(CLAIMS)).toMatchFileSnapshot(join(ROOT, 'docs/claims.md'));
});

it.each(CLAIMS.documents)('all $count claims about $system are listed, in order', ({ system, count }) => {
  const expected = Array.from({ length: count }, (_, i) => `${system}-${i + 1}`);
  expect(claimsOf(system).map(({ id }) => id)).toEqual(expected);
});

it('every claim is one of a document', () => {
  expect(CLAIMS.documents.flatMap(({ system }) => claimsOf(system))).toHaveLength(CLAIMS.claims.length);
});

describe.each(CLAIMS.claims)('$id', (claim) => {
  it('is held by something, or says why not', () => {
    const holders = [claim.scenarios, claim.tests, claim.real].flatMap(Object.keys);
    expect(holders.length > 0 || claim.limit !== undefined).toBe(true);
  });

  it('has scenarios with these verdicts, which check these invariants', () => {
    const checked = Object.keys(claim.scenarios).flatMap((id) => {
      const scenario = scenarios.get(id);
      if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
      return scenario.invariants.map(({ name }) => name);
    });
    const verdicts = Object.keys(claim.scenarios).map((id) => [
      id,
      scenarios.get(id)!.expects === 'violation' ? 'violated' : 'passed',
    ]);
    expect(Object.fromEntries(verdicts)).toEqual(claim.scenarios);
    expect(claim.invariants.filter((name) => !checked.includes(name))).toEqual([]);
  });

  it('has mutants that exist', () => {
    expect(claim.mutants.filter((name) => !mutants.has(name))).toEqual([]);
  });

  it('has tests that exist', () => {
    for (const [file, titles] of [claim.tests, claim.real].flatMap(Object.entries)) {
      const text = read(file);
      const missing = (titles as string[]).filter((title) => !isTitleIn(text, title));
      expect(missing, `titles of ${file}`).toEqual([]);
    }
  });

  it('has numbers that are asserted', async () => {
    for (const { name, value, constant } of claim.numbers) {
      if (constant !== undefined) expect(await constantAt(constant), constant).toEqual(value);
      else
        expect(
          isReadByTests(claim, name),
          `a test of the row reads ${name} with claimed('${claim.id}', '${name}')`,
        ).toBe(true);
    }
  });
});

it('a test reads a number by its name', () => {
  const one = CLAIMS.claims.flatMap(({ id, numbers }) => numbers.map((number) => ({ id, ...number })));
  for (const { id, name, value } of one)
    expect(typeof value === 'number' ? claimed(id, name) : claimedAll(id, name)).toEqual(value);
  expect(() => claimed('openchrome-1', 'nothing')).toThrow(
    'docs/claims.json has no number nothing in openchrome-1',
  );
});

/** A title as it stands in the source: in quotes, or in a template. */
function isTitleIn(text: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) =>
    text.includes(`${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`),
  );
}

function isReadByTests({ id, tests, real }: Claim, name: string): boolean {
  return Object.keys({ ...tests, ...real }).some((file) => {
    const words = read(file).replace(/\s+/g, ' ');
    return ['claimed', 'claimedAll'].some((reader) => words.includes(`${reader}('${id}', '${name}')`));
  });
}

async function constantAt(constant: string): Promise<unknown> {
  const [file, path] = constant.split('#') as [string, string];
  const module: unknown = await import(join(ROOT, file));
  return path.split('.').reduce<unknown>((object, key) => (object as Record<string, unknown>)[key], module);
}
