import { randomUUID } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Recorded } from '../check/index.ts';
import { escapeJson } from '../report/escape.ts';
import type { Scenario } from '../scenario/index.ts';
import { decodeToken, isOfOtherFormat, TokenError } from '../schedule/index.ts';

/** Below the working directory. */
export const TOKENS_FILE = join('.one-survivor', 'tokens.json');

/** A process that has died while it was writing keeps others waiting no longer than this. */
const PATIENCE_MS = 1_000;
const POLL_MS = 5;

/** The file of recorded tokens cannot be used: says where, why, and what to do. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

const shape = z.strictObject({
  version: z.literal(1),
  tokens: z.array(z.strictObject({ token: z.string(), invariant: z.string() })),
});

type RecordedToken = z.infer<typeof shape>['tokens'][number];

/** The violations that earlier checks of a project have found. */
export class TokenFile {
  readonly #path: string;
  readonly #tokens: readonly RecordedToken[];

  /** @throws TokenFileError when the file is damaged */
  constructor(folder: string) {
    this.#path = join(folder, TOKENS_FILE);
    this.#tokens = this.#read();
  }

  /** The tokens of a scenario that still fit it, and a note on those that do not. */
  of({ id, hash }: Scenario): { tokens: Recorded[]; note: string | null } {
    const mine = this.#tokens
      .map(({ token, invariant }) => ({ token, invariant, decoded: this.#decode(token) }))
      .filter(({ decoded }) => decoded?.scenario === id);
    const fitting = mine
      .filter(({ decoded }) => decoded?.hash === hash)
      .map(({ token, invariant }) => ({ token, why: `in an earlier check it violated "${invariant}"` }));
    const others = mine.length - fitting.length;
    const note =
      others === 0
        ? null
        : `${others} recorded ${others === 1 ? 'token is' : 'tokens are'} of another definition of ${id}: skipped. Take ${others === 1 ? 'it' : 'them'} out of ${TOKENS_FILE} when ${others === 1 ? 'it says' : 'they say'} nothing any more`;
    return { tokens: fitting, note };
  }

  /** How many are of another format: no version of this one reads them. */
  get foreign(): number {
    return this.#tokens.filter(({ token }) => this.#decode(token) === null).length;
  }

  /**
   * Adds what is not there yet. Written whole or not at all, by one writer at a time: tests run in several processes.
   *
   * @returns how many are new
   * @throws an error of the file system when it cannot be written
   */
  add(found: readonly RecordedToken[]): number {
    if (found.length === 0) return 0;
    mkdirSync(dirname(this.#path), { recursive: true });
    return alone(`${this.#path}.lock`, () => {
      const tokens = this.#read();
      const known = new Set(tokens.map(({ token }) => token));
      const added = found.filter(({ token }) => !known.has(token));
      if (added.length === 0) return 0;
      const text = escapeJson(JSON.stringify({ version: 1, tokens: [...tokens, ...added] }, null, 2));
      const temporary = `${this.#path}.${randomUUID()}.tmp`;
      writeFileSync(temporary, `${text}\n`);
      renameSync(temporary, this.#path);
      return added.length;
    });
  }

  #read(): RecordedToken[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#damaged(messageOf(error));
    }
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (error) {
      throw this.#damaged(messageOf(error));
    }
    const checked = shape.safeParse(data);
    if (!checked.success) throw this.#damaged(z.prettifyError(checked.error).replace(/\s*\n\s*/g, ' '));
    for (const { token } of checked.data.tokens) this.#decode(token);
    return checked.data.tokens;
  }

  /** Null: of another format. */
  #decode(token: string): ReturnType<typeof decodeToken> | null {
    try {
      return decodeToken(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      if (isOfOtherFormat(token)) return null;
      throw this.#damaged(error.message);
    }
  }

  #damaged(why: string): TokenFileError {
    return new TokenFileError(
      `${this.#path} is damaged: ${why}. It is left as it is: mend it, or delete it to begin anew`,
    );
  }
}

/**
 * Does something while no other process does. A lock that nobody has touched for a while is taken for a dead process's: at
 * worst one of two tokens is lost that were found in the same moment, and the next check finds it again.
 */
function alone<T>(lock: string, work: () => T): T {
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx'));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const { mtimeMs = 0 } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    // Either way: the clock may have been set back since.
    if (mtimeMs > 0 && Math.abs(Date.now() - mtimeMs) > PATIENCE_MS) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
