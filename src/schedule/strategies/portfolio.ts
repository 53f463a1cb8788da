import { mix } from '../random.ts';
import type { Strategy } from './strategy.ts';

/**
 * Alternates between strategies, since none finds every kind of bug quickly.
 *
 * @param members the turns of one round; a strategy may have several
 */
export function portfolioOf(name: string, members: readonly Strategy[]): Strategy {
  const memberOf = (number: number): Strategy => {
    // Rotated in each round, so that every shard gets all members.
    const round = Math.floor(number / members.length);
    return members[(number + (mix(round, 0x907) >>> 0)) % members.length]!;
  };
  return {
    name,
    about: `${[...new Set(members.map((member) => member.name))].join(', ')} in turn`,
    choices: (seed, estimates) => memberOf(estimates.number ?? seed >>> 0).choices(seed, estimates),
    memberOf,
  };
}
