/** Judgements of what is seen from outside, as invariants. */
import type { Judgement } from '../../judge/index.ts';
import { type Always, always, type Eventually, eventually } from '../invariant.ts';
import type { World } from '../world.ts';
import { judgesFromOutside } from './judged-from-outside.ts';

export function invariantOf(judgement: Judgement): Always | Eventually {
  if (judgement.when === 'at the end') return atTheEnd(judgement);
  const { check, options } = parts(judgement);
  return always(judgement.name, check, options);
}

export function atTheEnd(judgement: Judgement): Eventually {
  const { check, options } = parts(judgement);
  return eventually(judgement.name, check, options);
}

function parts({ wrong, requires, asksForOwner }: Judgement) {
  const check = ({ observation }: World) => wrong(observation);
  judgesFromOutside(check, asksForOwner);
  const met = requires && {
    what: requires.what,
    met: ({ observation }: World) => requires.met(observation),
  };
  return { check, options: met === null ? {} : { requires: met } };
}
