import { GUARDS, type Guard } from '../mutation/index.ts';
import { UsageError } from './errors.ts';

const MOST_NAMED = 8;

/** The guards that names and globs stand for; without any, all of them. */
export function selectGuards(words: readonly string[]): Guard[] {
  if (words.length === 0) return [...GUARDS];
  const selected = new Set(words.flatMap(matching));
  return GUARDS.filter((guard) => selected.has(guard));
}

/** The one guard of a name. */
export function guardOf(name: string): Guard {
  return GUARDS.find((guard) => guard.name === name) ?? refuse(name);
}

function matching(glob: string): Guard[] {
  const pattern = new RegExp(`^${glob.split('*').map(literally).join('.*')}$`);
  const guards = GUARDS.filter(({ name }) => pattern.test(name));
  return guards.length > 0 ? guards : refuse(glob);
}

function refuse(got: string): never {
  const [prefix = ''] = got.split('/');
  const near = GUARDS.filter(({ name }) => name.startsWith(`${prefix}/`));
  const names = (near.length > 0 ? near : GUARDS).map(({ name }) => name);
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  throw new UsageError(
    `no guard is called ${JSON.stringify(got)}; accepted: a name, where * stands for anything: ${names.slice(0, MOST_NAMED).join(', ')}${more}`,
  );
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
