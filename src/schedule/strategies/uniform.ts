import { RandomChoices } from '../random.ts';
import type { Strategy } from './strategy.ts';

/** What all others are compared with. */
export const RANDOM: Strategy = {
  name: 'random',
  about: 'any operation that could happen, with equal chances',
  choices: (seed) => new RandomChoices(seed),
};
