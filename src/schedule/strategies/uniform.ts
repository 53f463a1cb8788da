import { RandomChoices } from '../random.ts';
import type { Strategy } from './strategy.ts';

/** The baseline for all other strategies. */
export const RANDOM: Strategy = {
  name: 'random',
  about: 'any enabled operation, equally likely',
  choices: (seed) => new RandomChoices(seed),
};
