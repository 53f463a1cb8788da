import { z } from 'zod';
import type { Address, Self } from '../ports/index.ts';
import { parseAs } from './json.ts';

/** More than any claim of ours: what is longer is none. */
export const MAX_CLAIM_BYTES = 8_192;

const address = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tcp'), host: z.string(), tcpPort: z.int().min(1).max(65_535) }),
  z.object({ kind: z.literal('unix'), path: z.string() }),
]);

const claimShape = z.object({
  kind: z.enum(['owner', 'challenge', 'free']),
  token: z.int().min(1),
  nonce: z.string().regex(/^[0-9a-f]{16,64}$/),
  pid: z.int().min(1),
  startTicks: z.int().min(0),
  bootId: z.string(),
  pidNamespace: z.string(),
  hostname: z.string(),
  uid: z.int().min(0),
  command: z.array(z.string()),
  endpoint: address.nullable(),
  challenges: z.string().nullable(),
});

/** The owner's record on disk. Which generation it is, its name says. */
export interface Claim {
  /**
   * `owner`: who wrote it owns. `free`: the owner has left; the next generation may be claimed. `challenge`: the owner
   * before it does not answer, says who wrote it; unless the owner publishes the next generation, somebody else will.
   */
  readonly kind: 'owner' | 'challenge' | 'free';
  /**
   * The fencing token: whoever owns later has a higher one, even if all claims were lost in between. (The number of the
   * generation begins anew then.)
   */
  readonly token: number;
  /** Tells this claim from any other, in particular from one under a PID that was used before. Hexadecimal. */
  readonly nonce: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly hostname: string;
  readonly uid: number;
  /** Its command line, or the beginning of it: with the user it must fit before we signal the process. */
  readonly command: readonly string[];
  /** Where the owner answers; null when it cannot be asked. */
  readonly endpoint: Address | null;
  /** The nonce of the claim that a challenge is about; null when that could not be read, and for other kinds. */
  readonly challenges: string | null;
}

/** More words of a command line than this tell nothing more. */
const MAX_COMMAND_CHARACTERS = 1_024;

/** The token of a claim that is yet to be made. */
const NO_TOKEN = 1;

export function claimOf(
  self: Self,
  command: readonly string[],
  nonce: string,
  endpoint: Address | null,
): Claim {
  const { pid, startTicks, bootId, pidNamespace, hostname, uid } = self;
  const identity = { pid, startTicks, bootId, pidNamespace, hostname, uid, command: beginningOf(command) };
  return { kind: 'owner', token: NO_TOKEN, nonce, ...identity, endpoint, challenges: null };
}

/** Whether a command line is the one that a claim was made under. */
export function isCommandOf(claim: Claim, command: readonly string[]): boolean {
  const words = beginningOf(command);
  return words.length === claim.command.length && words.every((word, i) => word === claim.command[i]);
}

function beginningOf(command: readonly string[]): string[] {
  const words: string[] = [];
  let left = MAX_COMMAND_CHARACTERS;
  for (const word of command) {
    if (left <= 0) break;
    words.push(word.slice(0, left));
    // Empty words take room as well.
    left -= word.length + 1;
  }
  return words;
}

export function formatClaim(claim: Claim): string {
  return `${JSON.stringify(claim)}\n`;
}

/** Null: empty, torn, of another kind, or hostile. Never throws. */
export function parseClaim(text: string): Claim | null {
  if (text.length > MAX_CLAIM_BYTES) return null;
  return parseAs(claimShape, text);
}
