/**
 * The recorded tokens of a project: one file per token. A file is written under another name first, so that any number of processes
 * may write at once, and a process that ends in between leaves no half of a file. Two branches that record tokens do not conflict.
 * A file is replaced or removed only after a look whether it still has the token that is meant.
 */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from '../check/index.ts';
import { messageOf } from '../ports/message-of.ts';
import type { Scenario } from '../scenario/index.ts';
import { decodeToken, isOfOtherFormat } from '../schedule/index.ts';
import { readRegularFile, removeOldDrafts, writeWhole } from './files.ts';
import { makeTokensFolder, TOKENS_FOLDER } from './folder.ts';
import { OLD_TOKENS_FILE, readOldTokens, removeOldTokens } from './old-tokens.ts';
import {
  type RecordedToken,
  readRecordedToken,
  UnreadableError,
  writeRecordedToken,
} from './recorded-token.ts';

export interface StoredToken extends RecordedToken {
  /** Relative to the project. */
  readonly file: string;
}

/** A file that was not used, and not changed. */
export interface UnreadableFile {
  /** Relative to the project. */
  readonly file: string;
  /** Says which file, why, and what to do. */
  readonly message: string;
}

/** Chosen by hand: usually the first name is free. */
const MOST_NAMES = 20;

export class TokenStore {
  readonly tokens: readonly StoredToken[];
  readonly unreadable: readonly UnreadableFile[];
  readonly #project: string;
  /** The tokens of the old file, if all of it can be moved to files of their own. */
  readonly #toMove: readonly RecordedToken[] | null;

  /** Reads all tokens. What cannot be read is in {@link unreadable}. */
  constructor(project: string) {
    this.#project = project;
    const tokens = new Map<string, StoredToken>();
    const unreadable: UnreadableFile[] = [];
    // First, because another process may be moving its tokens to the files that are read next.
    const old = attempt(OLD_TOKENS_FILE, unreadable, () => readOldTokens(project));
    if (old?.unreadable) unreadable.push(unreadableFile(OLD_TOKENS_FILE, old.unreadable));
    for (const each of old?.tokens ?? []) tokens.set(each.token, { ...each, file: OLD_TOKENS_FILE });
    for (const name of attempt(TOKENS_FOLDER, unreadable, () => filesIn(project)) ?? []) {
      const file = join(TOKENS_FOLDER, name);
      const read = attempt(file, unreadable, () => readIfThere(join(project, file)));
      if (read) tokens.set(read.token, { ...read, file });
    }
    this.#toMove = old?.unreadable === null ? old.tokens : null;
    this.tokens = [...tokens.values()];
    this.unreadable = unreadable;
  }

  /** The tokens that belong to the current definition of a scenario, and those that do not any more. */
  of({ id, hash }: Pick<Scenario, 'id' | 'hash'>): { fitting: Recorded[]; outdated: StoredToken[] } {
    const mine = this.tokens.filter(({ scenario }) => scenario === id);
    const fits = ({ token }: StoredToken): boolean =>
      !isOfOtherFormat(token) && decodeToken(token).hash === hash;
    const fitting = mine.filter(fits).map(({ token, invariant, log }) => ({
      token,
      log,
      why: `in an earlier check it violated ${JSON.stringify(invariant)}`,
    }));
    return { fitting, outdated: mine.filter((each) => !fits(each)) };
  }

  /**
   * Adds new tokens. A known token that has no log gets one; so a token can be added at once, and its log later.
   *
   * @returns how many are new
   * @throws an error of the file system if it cannot be written
   */
  add(found: readonly RecordedToken[]): number {
    return found.filter((each) => this.#put(each).isNew).length;
  }

  /**
   * Records a violation in addition.
   *
   * @returns the file, relative to the project
   * @throws an error of the file system if it cannot be written
   */
  addOne(found: RecordedToken): string {
    return this.#put(found).file;
  }

  /**
   * Records a violation under another token.
   *
   * @returns the file, relative to the project
   * @throws an error of the file system if it cannot be written
   */
  replace(old: StoredToken, by: RecordedToken): string {
    if (by.token === old.token && this.#has(old)) {
      this.#write(old.file, by, 'replace');
      return old.file;
    }
    const { file } = this.#put(by);
    if (old.file !== file) this.remove(old);
    return file;
  }

  /**
   * Removes a token, unless its file has another one by now. One of the old file stays, because that file is never written.
   *
   * @throws an error of the file system if it cannot be removed
   */
  remove(stored: StoredToken): void {
    if (this.#has(stored)) rmSync(join(this.#project, stored.file), { force: true });
  }

  /**
   * Moves the tokens of the old file to files of their own.
   *
   * @returns how many; 0 if there is nothing to move
   * @throws an error of the file system if it cannot be written
   */
  moveOld(): number {
    if (this.#toMove === null) return 0;
    for (const each of this.#toMove) this.#put(each);
    return removeOldTokens(this.#project) ? this.#toMove.length : 0;
  }

  /** Writes a token, unless a file has it: to the first file of its own that is free. What has a name already is never replaced. */
  #put(each: RecordedToken): { file: string; isNew: boolean } {
    makeTokensFolder(this.#project);
    const known = this.tokens.find(({ token }) => token === each.token);
    const isKnown = known !== undefined && this.#has(known);
    const names = isKnown ? [known.file] : namesOf(each.token);
    for (const file of names) {
      const found = this.#found(file);
      if (found === 'nothing' && this.#write(file, each, 'keep')) return { file, isNew: known === undefined };
      // Another process may have written it just now.
      const now = found === 'nothing' ? this.#found(file) : found;
      if (typeof now === 'string' || now.token !== each.token) continue;
      if (now.log === null && each.log !== null) this.#write(file, each, 'replace');
      return { file, isNew: false };
    }
    throw new Error(`${names[0]} and the other names for this token are taken by files that do not have it`);
  }

  /** Whether its file still has it. */
  #has({ file, token }: StoredToken): boolean {
    if (file === OLD_TOKENS_FILE) return false;
    const found = this.#found(file);
    return typeof found !== 'string' && found.token === token;
  }

  #found(file: string): RecordedToken | 'nothing' | 'unreadable' {
    try {
      return readIfThere(join(this.#project, file)) ?? 'nothing';
    } catch {
      return 'unreadable';
    }
  }

  #write(file: string, recorded: RecordedToken, onTaken: 'replace' | 'keep'): boolean {
    makeTokensFolder(this.#project);
    removeOldDrafts(join(this.#project, TOKENS_FOLDER));
    return writeWhole(join(this.#project, file), writeRecordedToken(recorded), onTaken);
  }
}

/** The files in which a token may be: the first one, unless something else has that name. */
function namesOf(token: string): string[] {
  const hash = createHash('sha256').update(token).digest('hex').slice(0, 16);
  return ['', ...Array.from({ length: MOST_NAMES - 1 }, (_, i) => `-${i + 2}`)].map((suffix) =>
    join(TOKENS_FOLDER, `${hash}${suffix}.json`),
  );
}

function filesIn(project: string): string[] {
  try {
    return readdirSync(join(project, TOKENS_FOLDER))
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** `null` if another process has removed it. */
function readIfThere(path: string): RecordedToken | null {
  const text = readRegularFile(path);
  return text === null ? null : readRecordedToken(text);
}

/** `null` if the file cannot be read. */
function attempt<T>(file: string, unreadable: UnreadableFile[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    unreadable.push(unreadableFile(file, error));
    return null;
  }
}

function unreadableFile(file: string, error: unknown): UnreadableFile {
  const newer = error instanceof UnreadableError && error.isNewer;
  const message = newer
    ? `${file} was written by a newer version of one-survivor: ${error.message}. Update one-survivor`
    : `${file} cannot be read: ${messageOf(error)}. It was not changed: repair it, or delete it`;
  return { file, message };
}
