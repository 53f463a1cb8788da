/** A program that asks for something that the simulation does not have is not judged: the check ends there. */
import { GuestError } from '../guest/index.ts';
import { type Always, always } from '../scenario/index.ts';

/** The name of the invariant: what violates it is a refusal, no fault of the program. */
export const RUNS_AS_IT_IS = 'the simulation has all that the program asks for';

export function runsAsItIs(): Always {
  return always(
    RUNS_AS_IT_IS,
    ({ processes }) => {
      const refused = processes.find(({ crash }) => crash instanceof GuestError);
      return refused === undefined ? null : (refused.crash as GuestError).message;
    },
    { when: 'change' },
  );
}
