import { DEFAULT_STRATEGY_NAME } from './default-strategy.ts';
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

/** Strategies that find most bugs fastest have two turns in each round (decision 24). The order is arbitrary. */
const TURNS = [SURW, POS, PCT, RANDOM, NOVELTY, SURW, POS, PCT, STICKY, ROUND_ROBIN];

const PORTFOLIO = portfolioOf(DEFAULT_STRATEGY_NAME, TURNS);

/** All strategies, the default one first. */
export const STRATEGIES: readonly Strategy[] = [PORTFOLIO, ...MEMBERS];

/** Takes turns with all other strategies. */
export const DEFAULT_STRATEGY = PORTFOLIO;

/** The strategy with this name, if there is one. */
export function findStrategy(name: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.name === name);
}
