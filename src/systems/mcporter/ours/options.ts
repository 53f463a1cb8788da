/** What our own mcporter daemon is started with. */
import type { BindTiming, Timing } from '../../../model/index.ts';
import type { Self } from '../../../ports/index.ts';

export interface OurOptions {
  /** Holds the claims, and the sockets. */
  readonly directory: string;
  /** Says which daemon serves, for people to read: nothing depends on it. */
  readonly metadataPath: string;
  readonly configPath: string;
  readonly timing: Timing;
  readonly bind: BindTiming;
  /** How long the servers behind a daemon take to close. */
  readonly closeMs: number;
  /** How long a call takes. */
  readonly callMs: number;
  /** Starts a host. */
  readonly hostCommand: readonly string[];
}

/** A name by which an owner knows it for litter once we are gone. */
export function temporaryPath(directory: string, { pid, startTicks }: Self): string {
  return `${directory}/tmp-${pid}-${startTicks}-0`;
}
