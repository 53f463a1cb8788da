import { ReplayedChoices, type Schedule } from '../../run/recorded-choices.ts';
import type { Strategy } from './strategy.ts';

/** The same schedule in every run. */
export function replaying(schedule: Schedule): Strategy {
  return {
    name: 'replay',
    about: 'a known schedule',
    choices: () => new ReplayedChoices(schedule),
  };
}
