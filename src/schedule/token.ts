import { emptySchedule, type Schedule } from '../run/recorded-choices.ts';
import { fnv1a } from '../scenario/hash.ts';
import { MAX_STEPS } from '../scenario/schema.ts';
import { CHOICE_KINDS } from '../sim/index.ts';
import { ByteWriter, MOST_PACKED, pack, packedBytes, UnpackError, Unpacker } from './packed.ts';
import { sealed, sparseBytes } from './sparse.ts';

/**
 * A token is a schedule as a short string: `os1:SCENARIO:HASH:CHOICES:CHECK`. `os1` is the format, HASH the hash of the
 * scenario's definition, CHOICES the choices in base64url, CHECK a checksum of everything before it. `os1` stores the choices that
 * are not 0. `os2`, for long runs, stores repeated sequences only once, see `packed.ts`.
 */
const FORMATS = ['os1', 'os2'] as const;
/** Up to this many characters of choices, a token has the format `os1`; a longer one has whichever format is shorter. */
const SHORT_LENGTH = 256;
/**
 * More choices than the longest run makes. Each step chooses a process, and twice (before the step, and before time passes)
 * whether time passes and whether a fault strikes. The rest is for the choices of faults.
 */
const MAX_CHOICES = 8 * MAX_STEPS;
const MAX_HEAD_LENGTH = 10_000;
/** Base64 encodes three bytes as four characters. */
const MAX_LENGTH = MAX_HEAD_LENGTH + Math.ceil((packedBytes(MAX_CHOICES) * 4) / 3);

/** A token that cannot be used. The message says what was got, what is accepted, and what to do. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** A token whose checksum does not match: usually it was not copied completely. */
export class ChecksumError extends TokenError {
  /** The message without the advice, which is about copied tokens. */
  readonly why: string;

  constructor(why: string, advice: string) {
    super(`${why}. ${advice}`);
    this.why = why;
  }
}

interface DecodedToken {
  scenario: string;
  /** The hash of the scenario's definition, see {@link Scenario.hash}. */
  hash: string;
  schedule: Schedule;
}

/** @throws TokenError if the schedule has more or larger choices than a run can have */
export function encodeToken(scenario: { id: string; hash: string }, schedule: Schedule): string {
  assertFits(scenario.id, schedule);
  const sparse = toBase64Url(sparseBytes(CHOICE_KINDS.map((kind) => schedule[kind])));
  const packed = sparse.length <= SHORT_LENGTH ? null : toBase64Url(encodePacked(schedule));
  const isPacked = packed !== null && packed.length < sparse.length;
  return isPacked ? sealed('os2', scenario, packed) : sealed('os1', scenario, sparse);
}

/** Whether a string is a token in a format that this version does not know. */
export function isOfOtherFormat(token: string): boolean {
  const [, format] = /^(os\d{1,6}):/.exec(token) ?? [];
  return format !== undefined && !isFormat(format);
}

/** @throws TokenError */
export function decodeToken(token: string): DecodedToken {
  if (token.length > MAX_LENGTH)
    throw new TokenError(`got ${token.length} characters, which is too long for a token`);
  const shown = JSON.stringify(token.length > 60 ? `${token.slice(0, 60)}…` : token);
  const parts = token.split(':');
  const [format = '', scenario = '', hash = '', choices = '', check = ''] = parts;
  if (!/^os\d{1,6}$/.test(format)) {
    throw new TokenError(`${shown} is not a token: a token looks like os1:SCENARIO:HASH:CHOICES:CHECK`);
  }
  if (!isFormat(format)) {
    throw new TokenError(
      `${shown} is a token of format ${format}; this version reads ${FORMATS.join(' and ')}: replay it with the version of one-survivor that printed it`,
    );
  }
  const head = parts.slice(0, 4).join(':');
  if (parts.length !== 5 || fnv1a(head) !== check) {
    throw new ChecksumError(
      `${shown} is damaged: its checksum does not match`,
      `Copy the whole token, from ${format}: to its end`,
    );
  }
  const decode = format === 'os1' ? decodeSparse : decodePacked;
  try {
    return { scenario, hash, schedule: decode(new Unpacker(fromBase64Url(choices))) };
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    throw new TokenError(`${shown} is damaged: ${error.message}`);
  }
}

function isFormat(text: string): text is (typeof FORMATS)[number] {
  return FORMATS.some((format) => format === text);
}

function assertFits(id: string, schedule: Schedule): void {
  const total = CHOICE_KINDS.reduce((sum, concern) => sum + schedule[concern].length, 0);
  const tooLarge = CHOICE_KINDS.flatMap(
    (concern) => schedule[concern].find((choice) => choice > MOST_PACKED) ?? [],
  );
  if (tooLarge.length === 0 && total <= MAX_CHOICES) return;
  throw new TokenError(
    `a run of ${id} has ${tooLarge.length === 0 ? `${total} choices` : `the choice ${tooLarge[0]}`}; a token holds at most ${MAX_CHOICES} choices of at most ${MOST_PACKED}. Give the scenario a lower maxSteps`,
  );
}

/** For each kind with choices: its number, the number of choices up to the last that is not 0, and these choices, packed. */
function encodePacked(schedule: Schedule): Uint8Array {
  const bytes = new ByteWriter();
  for (const [number, concern] of CHOICE_KINDS.entries()) {
    const choices = schedule[concern].slice(0, schedule[concern].findLastIndex((choice) => choice !== 0) + 1);
    if (choices.length === 0) continue;
    bytes.varint(number);
    bytes.varint(choices.length);
    pack(bytes, choices);
  }
  return bytes.written;
}

function decodeSparse(bytes: Unpacker): Schedule {
  const schedule = emptySchedule();
  const room = new Room();
  while (!bytes.atEnd) {
    const choices = schedule[concernOf(bytes)];
    for (let left = bytes.varint(); left > 0; left--) {
      const gap = bytes.varint();
      room.take(gap + 1);
      for (let i = 0; i < gap; i++) choices.push(0);
      choices.push(bytes.varint());
    }
  }
  return schedule;
}

function decodePacked(bytes: Unpacker): Schedule {
  const schedule = emptySchedule();
  const room = new Room();
  while (!bytes.atEnd) {
    const choices = schedule[concernOf(bytes)];
    const count = bytes.varint();
    room.take(count);
    bytes.unpack(choices, count);
  }
  return schedule;
}

function concernOf(bytes: Unpacker): (typeof CHOICE_KINDS)[number] {
  const concern = CHOICE_KINDS[bytes.varint()];
  if (concern === undefined) throw new UnpackError('it has a kind of choice that this version does not know');
  return concern;
}

/** Limits the number of choices: a few characters can encode so many that they would exhaust the memory. */
class Room {
  #left = MAX_CHOICES;

  take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new UnpackError('it has more choices than a run can have');
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new UnpackError('its choices are not base64url');
  return Buffer.from(text, 'base64url');
}
