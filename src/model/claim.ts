import type { Address, Self } from '../ports/index.ts';
import { printable } from '../ports/printable.ts';
import { parseAs } from './json.ts';
import { anyOf, flag, int, listOf, nullable, object, oneOf, optional, type Shape, text } from './shape.ts';

/** Our claims are shorter: a longer file is not a claim. */
export const MAX_CLAIM_BYTES = 8_192;

/** Text that can be printed as it is. */
const plain = text((value) => printable(value) === value);
/** Any text, made printable. */
const escaped: Shape<string> = (value) => (typeof value === 'string' ? printable(value) : undefined);

const address = anyOf(
  object({ kind: oneOf('tcp'), host: plain, tcpPort: int(1, 65_535) }),
  object({ kind: oneOf('unix'), path: plain }),
);

/**
 * The form of claims that this version writes; it reads this one and lower ones. In form 1 (without a number) the command line must
 * match before a process is signalled; in form 2 a process is identified by boot, PID, start time and user.
 */
export const FORMAT = 2;

const claimShape = object({
  kind: oneOf('owner', 'challenge', 'free'),
  token: int(1),
  nonce: text((value) => /^[0-9a-f]{16,64}$/.test(value)),
  pid: int(1),
  startTicks: int(0),
  bootId: plain,
  pidNamespace: plain,
  hostname: plain,
  uid: int(0),
  command: listOf(escaped),
  endpoint: nullable(address),
  challenges: nullable(plain),
  format: optional(int(1, FORMAT)),
  certificate: optional(flag),
  filesystem: optional(int(0)),
});

/** The owner's record on disk. Its generation is in the file name. */
export interface Claim {
  /**
   * `owner`: its writer is the owner. `free`: the owner has left, and the next generation may be claimed. `challenge`: its
   * writer got no answer from the owner; if the owner does not publish the next generation in time, a contender will.
   */
  readonly kind: 'owner' | 'challenge' | 'free';
  /**
   * The fencing token. A later owner has a higher one, even if all claims were lost in between. (The generation would then
   * start at 1 again.)
   */
  readonly token: number;
  /** Distinguishes this claim from all others, including one by an earlier process with the same PID. Hexadecimal. */
  readonly nonce: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly hostname: string;
  readonly uid: number;
  /** See {@link FORMAT}; missing: 1. */
  readonly format?: number | undefined;
  /** Its command line, or the beginning of it, with control characters escaped. The user must match before we signal the process; in form 1 this too. */
  readonly command: readonly string[];
  /** Whether its writer listens at a socket that shows its death: see certificate.ts. Earlier versions have none, and ignore it. */
  readonly certificate?: boolean | undefined;
  /** The type of the filesystem of the directory, as its writer has seen it: see filesystem.ts. */
  readonly filesystem?: number | undefined;
  /** Where the owner answers; `null` if it has no endpoint. */
  readonly endpoint: Address | null;
  /** The nonce of the challenged claim; `null` if that claim could not be read, and for other kinds. */
  readonly challenges: string | null;
}

/** A longer command line is truncated: the beginning is enough to recognize it. */
const MAX_COMMAND_CHARACTERS = 1_024;

/** The token of a claim that has not been published yet. */
const NO_TOKEN = 1;

export function claimOf(
  self: Self,
  command: readonly string[],
  nonce: string,
  endpoint: Address | null,
): Claim {
  const { pid, startTicks, bootId, pidNamespace, hostname, uid } = self;
  const identity = { pid, startTicks, bootId, pidNamespace, hostname, uid, command: beginningOf(command) };
  return { kind: 'owner', token: NO_TOKEN, nonce, ...identity, endpoint, challenges: null, format: FORMAT };
}

/** Whether this is the command line recorded in a claim. */
export function isCommandOf(claim: Claim, command: readonly string[]): boolean {
  const words = beginningOf(command);
  return words.length === claim.command.length && words.every((word, i) => word === claim.command[i]);
}

function beginningOf(command: readonly string[]): string[] {
  const words: string[] = [];
  let left = MAX_COMMAND_CHARACTERS;
  for (const word of command) {
    if (left <= 0) break;
    words.push(printable(word.slice(0, left)));
    // Empty words count as well.
    left -= word.length + 1;
  }
  return words;
}

export function formatClaim(claim: Claim): string {
  return `${JSON.stringify(claim)}\n`;
}

/** How the text of an owner's claim begins, and how it begins once the owner has given it up: equally long. */
const OWNED = '{"kind":"owner",';
export const FREED = '{"kind":"free" ,';

/** Whether this is the text of an owner's claim with this nonce, as {@link formatClaim} writes it. */
export function isClaimOf(nonce: string, text: string): boolean {
  return text.startsWith(OWNED) && parseClaim(text)?.nonce === nonce;
}

const versioned = object({ format: int(1) });

/** The format of a claim, also of one that a newer version has written; `null` if it has none. Never throws. */
export function formatOf(text: string): number | null {
  return parseAs(versioned, text)?.format ?? null;
}

/** Whether the process of a claim must have its command line, because nothing else was recorded that a user cannot reuse. */
export function needsCommand({ format = 1 }: Claim): boolean {
  return format < 2;
}

/** `null` if the text is empty, torn, malformed or hostile. Never throws. */
export function parseClaim(text: string): Claim | null {
  if (text.length > MAX_CLAIM_BYTES) return null;
  return parseAs(claimShape, text);
}
