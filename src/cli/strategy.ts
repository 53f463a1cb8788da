import { suggesting } from '../scenario/suggestions.ts';
import { findStrategy, STRATEGIES, type Strategy } from '../schedule/strategies.ts';
import { UsageError } from './errors.ts';

/** @throws UsageError if there is no such strategy */
export function parseStrategy(text: string): Strategy {
  const strategy = findStrategy(text);
  if (strategy !== undefined) return strategy;
  const names = STRATEGIES.map(({ name }) => name);
  throw new UsageError(
    `--strategy got ${JSON.stringify(text)}${suggesting(text, names, `accepted: ${names.join(', ')}`)}`,
  );
}
