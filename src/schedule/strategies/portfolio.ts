import { mix } from '../random.ts';
import type { Strategy } from './strategy.ts';

/**
 * No strategy finds every kind of bug soon; in turns they do.
 *
 * @param members those of one round of runs; who has several turns in it is named as often
 */
export function portfolioOf(name: string, members: readonly Strategy[]): Strategy {
  const memberOf = (number: number): Strategy => {
    // In another order in each round: else a shard would have only some of them.
    const round = Math.floor(number / members.length);
    return members[(number + (mix(round, 0x907) >>> 0)) % members.length]!;
  };
  return {
    name,
    about: `${[...new Set(members.map((member) => member.name))].join(', ')}: each in its turn`,
    choices: (seed, estimates) => memberOf(estimates.number ?? seed >>> 0).choices(seed, estimates),
    memberOf,
  };
}
