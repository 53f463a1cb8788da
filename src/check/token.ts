import { CONCERNS } from '../sim/index.ts';
import { emptySchedule, type Schedule } from './choices/recorded.ts';
import { fnv1a } from './hash.ts';
import { MAX_STEPS } from './scenario.ts';

/**
 * A token is a schedule as a short string: `os1:SCENARIO:HASH:CHOICES:CHECK`. `os1` is its format, HASH that of the
 * scenario's definition, CHOICES the choices that are not 0 (base64url), CHECK a check sum of all before it.
 */
const FORMAT = 'os1';
/** Longer than any token that we would ever make. */
const MAX_LENGTH = 100_000;
/** More choices than the longest run has: each of its steps takes a few. */
const MAX_CHOICES = 4 * MAX_STEPS;

/** A token that cannot be used: says what was got, what is accepted, and what to do. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

export interface DecodedToken {
  scenario: string;
  /** Of the definition that the schedule belongs to, see {@link Scenario.hash}. */
  hash: string;
  schedule: Schedule;
}

export function encodeToken(scenario: { id: string; hash: string }, schedule: Schedule): string {
  const head = `${FORMAT}:${scenario.id}:${scenario.hash}:${toBase64Url(encodeChoices(schedule))}`;
  return `${head}:${fnv1a(head)}`;
}

/** @throws TokenError */
export function decodeToken(token: string): DecodedToken {
  if (token.length > MAX_LENGTH)
    throw new TokenError(`a token of ${token.length} characters: too long to be one`);
  const shown = JSON.stringify(token.length > 60 ? `${token.slice(0, 60)}…` : token);
  const parts = token.split(':');
  const [format = '', scenario = '', hash = '', choices = '', check = ''] = parts;
  if (!/^os\d{1,6}$/.test(format)) {
    throw new TokenError(`${shown} is no token: a token looks like ${FORMAT}:SCENARIO:HASH:CHOICES:CHECK`);
  }
  if (format !== FORMAT) {
    throw new TokenError(
      `${shown} is a token of format ${format}; this version reads ${FORMAT}: replay it with the version of one-survivor that printed it`,
    );
  }
  const head = parts.slice(0, 4).join(':');
  if (parts.length !== 5 || fnv1a(head) !== check) {
    throw new TokenError(
      `${shown} is damaged: its check sum does not fit. Copy the whole token, from ${FORMAT}: to its end`,
    );
  }
  return { scenario, hash, schedule: decodeChoices(fromBase64Url(choices, shown), shown) };
}

/** For each concern that has any: its number, how many choices are not 0, and of each the gap before it and its value. */
function encodeChoices(schedule: Schedule): number[] {
  const bytes: number[] = [];
  for (const [number, concern] of CONCERNS.entries()) {
    const choices = schedule[concern];
    const deviations = choices.flatMap((choice, index) => (choice === 0 ? [] : [{ choice, index }]));
    if (deviations.length === 0) continue;
    pushVarint(bytes, number);
    pushVarint(bytes, deviations.length);
    let last = -1;
    for (const { choice, index } of deviations) {
      pushVarint(bytes, index - last - 1);
      pushVarint(bytes, choice);
      last = index;
    }
  }
  return bytes;
}

function decodeChoices(bytes: Uint8Array, shown: string): Schedule {
  const schedule = emptySchedule();
  let total = 0;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 0x1000_0000)
        throw new TokenError(`${shown} is damaged: its choices break off`);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const concern = CONCERNS[varint()];
    if (concern === undefined)
      throw new TokenError(`${shown} names a concern that this version does not know`);
    const choices = schedule[concern];
    for (let left = varint(); left > 0; left--) {
      const gap = varint();
      total += gap + 1;
      if (total > MAX_CHOICES) throw new TokenError(`${shown} has more choices than any run`);
      for (let i = 0; i < gap; i++) choices.push(0);
      choices.push(varint());
    }
  }
  return schedule;
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function toBase64Url(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('base64url');
}

function fromBase64Url(text: string, shown: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text))
    throw new TokenError(`${shown} is damaged: its choices are not base64url`);
  return Buffer.from(text, 'base64url');
}
