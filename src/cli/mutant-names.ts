import { type Mutant, protocolMutants } from '../mutation/index.ts';
import { globPattern } from '../scenario/pattern.ts';
import { firstOf } from '../scenario/wording.ts';
import { UsageError } from './errors.ts';

export { importPatched, scenarioOf } from '../mutation/index.ts';

const MOST_NAMED = 8;

/** The mutants that match names and globs. Default: all. @param all those to select from */
export function selectMutants(
  words: readonly string[],
  all: readonly Mutant[] = protocolMutants(),
): Mutant[] {
  if (words.length === 0) return [...all];
  const selected = new Set(words.flatMap((glob) => matching(glob, all)));
  return all.filter((mutant) => selected.has(mutant));
}

/** The mutant of the protocol with this name. */
export function mutantOf(name: string): Mutant {
  return protocolMutants().find((mutant) => mutant.name === name) ?? refuse(name, protocolMutants());
}

function matching(glob: string, all: readonly Mutant[]): Mutant[] {
  const pattern = globPattern(glob);
  const mutants = all.filter(({ name }) => pattern.test(name));
  return mutants.length > 0 ? mutants : refuse(glob, all);
}

function refuse(got: string, all: readonly Mutant[]): never {
  const [prefix = ''] = got.split('/');
  const near = all.filter(({ name }) => name.startsWith(`${prefix}/`));
  const names = (near.length > 0 ? near : all).map(({ name }) => name);
  throw new UsageError(
    `there is no mutant ${JSON.stringify(got)}; accepted: a name, where * matches anything: ${firstOf(names, MOST_NAMED)}`,
  );
}
