import type { z } from 'zod';

/** What is wrong with the options of a scenario, in words: where, what was got, what is accepted. */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const MOST_TEXT = 60;

/** @param acceptedAt which fields there may be at a path, if they are known */
export function describeIssues(
  issues: readonly Issue[],
  options: unknown,
  acceptedAt: (path: Path) => readonly string[] | null,
): string {
  return issues.map((issue) => describe(issue, options, [], acceptedAt)).join('; ');
}

function describe(
  issue: Issue,
  options: unknown,
  within: Path,
  acceptedAt: (path: Path) => readonly string[] | null,
): string {
  const path = [...within, ...issue.path];
  const at = nameOf(path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const accepted = acceptedAt(path);
      const keys = issue.keys.map((key) => JSON.stringify(key)).join(' and ');
      const verb = issue.keys.length === 1 ? 'is' : 'are';
      return `${at === '' ? '' : `${at}: `}${keys} ${verb} not known${accepted === null ? '' : `; accepted: ${accepted.join(', ')}`}`;
    }
    case 'invalid_union': {
      // The branch that got furthest is the one that was meant.
      const branches = issue.errors.map((branch) =>
        branch.map((each) => describe(each, options, path, acceptedAt)).join('; '),
      );
      const deepest = issue.errors.findIndex((branch) => branch.some(({ path: inner }) => inner.length > 0));
      const own = issue.message === 'Invalid input' ? null : issue.message;
      if (deepest >= 0) return own === null ? branches[deepest]! : `${branches[deepest]} (${at}: ${own})`;
      if (own !== null) return `${at}: got ${shown(options, path)}, ${own}`;
      return `${at}: got ${shown(options, path)}, ${expectations(branches)}`;
    }
    case 'invalid_key':
      return `${at}: ${issue.issues.map(({ message }) => message).join('; ')}`;
    default: {
      const expected = issue.message
        .replace(/^(?:Invalid \w+|Too (?:small|big)): /, '')
        .replace(/, received .*$/, '')
        .replaceAll('"|"', '", "');
      return `${at}: got ${shown(options, path)}, ${expected}`;
    }
  }
}

function expectations(branches: readonly string[]): string {
  return [...new Set(branches.map((branch) => branch.replace(/^.*?, expected /, '')))]
    .map((branch, i) => `${i === 0 ? 'expected ' : ''}${branch}`)
    .join(' or ');
}

/** `start[0].count`. */
function nameOf(path: Path): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    const text = String(key);
    if (!/^\w+$/.test(text)) return `${name}[${JSON.stringify(text)}]`;
    return name === '' ? text : `${name}.${text}`;
  }, '');
}

function shown(options: unknown, path: Path): string {
  let value = options;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'bigint' || value === undefined) return String(value);
  try {
    const text = JSON.stringify(value) ?? typeof value;
    return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  } catch {
    return `${typeof value}`;
  }
}
