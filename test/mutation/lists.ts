// What every list of mutants has to be.
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkPatches, type Mutant } from '../../src/mutation/index.ts';

/** @param folder of the patches */
export function itIsAList(mutants: readonly Mutant[], folder: string): void {
  it('are in files that are all read', () => {
    const read = new Set(mutants.map(({ name }) => `${name.split('/')[0]}.diff`));
    expect([...read].sort()).toEqual(readdirSync(folder).sort());
  });

  it('have each a name of its own', () => {
    const names = mutants.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('fit the sources', () => {
    checkPatches(mutants);
  });
}
