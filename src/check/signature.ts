/** What tells violations of the same invariant apart: two bugs may violate one invariant, and after a change only one of them may be left. */
import type { Stop } from '../run/deadline.ts';
import { isByRealTime } from '../run/real-time.ts';
import type { NamedLog } from '../schedule/named-log.ts';
import { decodeToken } from '../schedule/token.ts';
import { type CriticalEvent, criticalSwap } from './critical.ts';
import type { Replay } from './replay.ts';

/** Equal for two runs that plausibly show the same bug, also after a change of the program. Plain data. */
export interface Signature {
  /** The message of the violation, without numbers, paths and names of processes. */
  readonly message: string;
  /** The operations or faults of two events that, swapped, make the run pass; sorted, without numbers. `null` if there are none. */
  readonly pair: readonly [string, string] | null;
}

/**
 * The signature of the violation that a replay has shown.
 *
 * @param log of the same run
 */
export async function signatureOf(
  { scenario, token, failure }: Pick<Replay, 'scenario' | 'token' | 'failure'>,
  log: NamedLog,
  { stop }: { stop?: Stop } = {},
): Promise<Signature> {
  if (failure === null) throw new Error(`${token} violates nothing`);
  const message = messageOf(failure.message, log);
  // Each attempt would wait for the timeout.
  if (isByRealTime(failure)) return { message, pair: null };
  // Unverified: for comparison, a swap that happens to change more serves as well.
  const { schedule } = decodeToken(token);
  const events = await criticalSwap(scenario, schedule, failure.invariant, { stop, isVerified: false });
  const names = events && [events.first, events.second].map((event) => nameOf(event, log));
  const [first, second] = names?.toSorted() ?? [];
  return { message, pair: first == null || second == null ? null : [first, second] };
}

export function isSameSignature(a: Signature, b: Signature): boolean {
  return a.message === b.message && a.pair?.[0] === b.pair?.[0] && a.pair?.[1] === b.pair?.[1];
}

/** The message of a violation, without what may be different in another run of the same bug. */
export function messageOf(message: string, log: NamedLog): string {
  const acting = log.actions.flatMap((action) => (action.kind === 'step' ? [action.process] : []));
  const names = [...new Set([...acting, ...log.idle, ...log.leftOut])].toSorted(
    (a, b) => b.length - a.length,
  );
  let text = message;
  for (const name of names) text = text.replaceAll(name, '@');
  return withoutNumbers(text.replace(/(?<!\w)\/[^\s"'`,;:()]+/g, '/…'))
    .replace(/@(?:(?:, and |, | and )@)+/g, '@')
    .trim();
}

function withoutNumbers(text: string): string {
  return text.replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '#').replace(/\d+/g, '#');
}

/** `null` if the log is cut off before it. */
function nameOf({ step, kind }: CriticalEvent, { actions }: NamedLog): string | null {
  let steps = 0;
  for (const action of actions) {
    if (action.kind === 'step') steps++;
    if (kind === 'step' && action.kind === 'step' && steps === step) return withoutNumbers(action.operation);
    if (kind === 'fault' && action.kind === 'fault' && steps === step) return `fault ${action.fault}`;
  }
  return null;
}
