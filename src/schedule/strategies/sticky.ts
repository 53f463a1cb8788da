import type { EnabledSet } from '../../sim/index.ts';
import { RandomChoices } from '../random.ts';
import type { Strategy } from './strategy.ts';

const RATE = 0.8;

class StickyChoices extends RandomChoices {
  protected override schedule(n: number, candidates: EnabledSet): number {
    return this.stream('schedule').chance(RATE) ? 0 : super.schedule(n, candidates);
  }
}

/** Usually the same process continues: few context switches, far apart. */
export const STICKY: Strategy = {
  name: 'sticky',
  about: `the same process continues in ${RATE * 100} % of the steps`,
  choices: (seed) => new StickyChoices(seed),
};
