import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { protocolMutants } from '../../src/mutation/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { itIsAList } from './lists.ts';

const MUTANTS = protocolMutants();

describe('the mutants of the protocol', () => {
  itIsAList(MUTANTS, resolve(import.meta.dirname, '../../src/mutation/protocol'));

  it('are killed by scenarios that there are, and that expect to pass', () => {
    const sound = SCENARIOS.filter(({ expects }) => expects === 'pass').map(({ id }) => id);
    const named = MUTANTS.flatMap(({ killedBy }) => killedBy);
    expect(named.filter((id) => !sound.includes(id))).toEqual([]);
  });
});
