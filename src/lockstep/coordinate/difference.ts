/** How a replay on real processes ends early. */
import type { ScriptEvent } from '../script.ts';

/** The real machine does another thing than the simulated one. */
export class Difference extends Error {
  readonly what: string;
  readonly event: Pick<ScriptEvent, 'step'> & { readonly process?: string };
  readonly simulated: unknown;
  readonly real: unknown;

  constructor(what: string, event: Difference['event'], simulated: unknown, real: unknown) {
    super(what);
    this.what = what;
    this.event = event;
    this.simulated = simulated;
    this.real = real;
  }
}

/** This machine cannot do what the run needs. */
export class Refusal extends Error {}

/** A process could not be started in time: nothing is known. */
export class NotStarted extends Error {}
