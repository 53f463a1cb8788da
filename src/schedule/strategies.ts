import { NOVELTY } from './strategies/novelty.ts';
import { PCT } from './strategies/pct.ts';
import { portfolioOf } from './strategies/portfolio.ts';
import { POS } from './strategies/pos.ts';
import { ROUND_ROBIN } from './strategies/round-robin.ts';
import { STICKY } from './strategies/sticky.ts';
import type { Strategy } from './strategies/strategy.ts';
import { SURW } from './strategies/surw.ts';
import { RANDOM } from './strategies/uniform.ts';

export { replaying } from './strategies/replay.ts';
export type { Estimates, Strategy } from './strategies/strategy.ts';

const MEMBERS = [RANDOM, POS, STICKY, PCT, SURW, NOVELTY, ROUND_ROBIN];

/** Those that find most have two turns in each round. */
const TURNS = [SURW, POS, PCT, RANDOM, NOVELTY, SURW, POS, PCT, STICKY, ROUND_ROBIN];

const PORTFOLIO = portfolioOf('portfolio', TURNS);

/** The ways to search, the default one first. */
export const STRATEGIES: readonly Strategy[] = [PORTFOLIO, ...MEMBERS];

/** Takes turns with all the others. */
export const DEFAULT_STRATEGY = PORTFOLIO;

/** A strategy by its name; undefined: there is none of it. */
export function findStrategy(name: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.name === name);
}
