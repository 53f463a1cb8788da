import { describe, expect, it } from 'vitest';
import { check, replay } from '../../src/check/index.ts';
import type { Schedule } from '../../src/run/index.ts';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import { fnv1a } from '../../src/scenario/hash.ts';
import { decodeToken, encodeToken, isOfOtherFormat, TokenError } from '../../src/schedule/index.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from '../check/helpers.ts';
import fc from '../fc.ts';
import { trimmed } from './trimmed.ts';

const coldStart = NAIVE[0]!;

const choice = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 5 }) },
  { weight: 1, arbitrary: fc.nat({ max: 100_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x7fff_ffff, 0x8000_0000, 0xffff_ffff) },
);
/** Stretches that come again, and some that do not. */
const repeating = fc
  .array(fc.tuple(fc.array(choice, { minLength: 1, maxLength: 5 }), fc.nat({ max: 60 })), { maxLength: 6 })
  .map((parts) => parts.flatMap(([part, times]) => Array.from({ length: times }, () => part).flat()));
const stream = fc.oneof(fc.array(choice, { maxLength: 300 }), repeating);
const schedules: fc.Arbitrary<Schedule> = fc.record(
  Object.fromEntries(CHOICE_KINDS.map((concern) => [concern, stream])) as Record<
    (typeof CHOICE_KINDS)[number],
    fc.Arbitrary<number[]>
  >,
);

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];

/** A token with a valid checksum, as an attacker could make it. */
function forge(scenario: string, hash: string, choices: string, format = 'os1'): string {
  const head = `${format}:${scenario}:${hash}:${choices}`;
  return `${head}:${fnv1a(head)}`;
}

function messageOf(token: string): string {
  try {
    decodeToken(token);
  } catch (error) {
    expect(error).toBeInstanceOf(TokenError);
    const { message } = error as TokenError;
    expect(message.length).toBeLessThan(500);
    expect(message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    return message;
  }
  return expect.unreachable('it was accepted');
}

describe('a token', () => {
  it('contains the schedule and the scenario', () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const token = encodeToken(coldStart, schedule);
        expect(token).toMatch(/^[\x21-\x7e]+$/);
        const { scenario, hash, schedule: decoded } = decodeToken(token);
        expect({ scenario, hash }).toEqual({ scenario: coldStart.id, hash: coldStart.hash });
        expect(decoded).toEqual(trimmed(schedule));
        expect(encodeToken(coldStart, decoded)).toBe(token);
      }),
    );
  });

  const schedule = { ...emptySchedule(), schedule: [0, 0, 3, 1], fault: [0, 2], target: [200] };
  const token = encodeToken(coldStart, schedule);

  it('is rejected if it is truncated anywhere', () => {
    for (let length = 0; length < token.length; length++) messageOf(token.slice(0, length));
  });

  it('is rejected if a character is replaced, removed, doubled or swapped with the next', () => {
    for (let at = 0; at < token.length; at++) {
      for (let code = 0x20; code < 0x7f; code++) {
        const other = String.fromCharCode(code);
        if (other !== token[at]) messageOf(token.slice(0, at) + other + token.slice(at + 1));
      }
      messageOf(token.slice(0, at) + token.slice(at + 1));
      messageOf(token.slice(0, at) + token[at]! + token.slice(at));
      if (token[at] !== token[at + 1] && at + 1 < token.length) {
        messageOf(token.slice(0, at) + token[at + 1]! + token[at]! + token.slice(at + 2));
      }
    }
  });

  it('of another format is rejected by its format', () => {
    expect(messageOf(token.replace('os1:', 'os3:'))).toContain('format os3; this version reads os1 and os2');
    expect(isOfOtherFormat('os3:a/b/c:0:A:0')).toBe(true);
    for (const known of [token, token.replace('os1:', 'os2:')]) expect(isOfOtherFormat(known)).toBe(false);
    expect(messageOf(forge('a/b/c', '00000000', '', 'os99'))).toContain('format os99');
  });

  it('is rejected if it is hostile', () => {
    expect(messageOf('')).toContain('not a token');
    expect(messageOf('x'.repeat(100_000_000))).toContain('100000000 characters');
    expect(messageOf(`os${'1'.repeat(90_000)}:`)).toContain('not a token');
    messageOf(`${'\u0000\u001b[31m'.repeat(5)}os1:::`);
    messageOf(forge('\u001b[31m\u0007\n', '\u0000', 'AA\u0000'));
    // Truncated choices, an unknown kind of choice, too many choices, and endless numbers.
    messageOf(forge('a/b/c', '00000000', Buffer.from([0, 5, 1]).toString('base64url')));
    messageOf(forge('a/b/c', '00000000', Buffer.from([99, 1, 0, 1]).toString('base64url')));
    messageOf(forge('a/b/c', '00000000', Buffer.from([0, 1, 255, 255, 255, 127, 1]).toString('base64url')));
    messageOf(forge('a/b/c', '00000000', Buffer.alloc(50, 255).toString('base64url')));
  });

  it.each([
    ['an unknown kind of choice', [99, 1, 3, 1, 1], 'kind of choice'],
    ['truncated choices', [0, 9, 19, 8, 1], 'are truncated'],
    ['more choices than a run can have', [0, 255, 255, 255, 127, 2, 1], 'more choices than a run can have'],
    ['an empty sequence', [0, 1, 0, 1], 'wrong number'],
    ['a sequence that is too long', [0, 4, 10, 1], 'wrong number'],
    ['a repeat of itself', [0, 4, 8, 0], 'invalid repeat'],
    ['choices of no bits', [0, 1, 3, 0, 1], '0 bits'],
    ['choices of too many bits', [0, 1, 3, 33, 1, 1, 1, 1, 1], '33 bits'],
    ['an endless number', [0, 1, 3, 8, 1, 255, 255, 255, 255, 255, 255, 0], 'endless number'],
  ])('of format os2 is rejected with %s', (_, bytes, why) => {
    expect(messageOf(forge('a/b/c', '00000000', Buffer.from(bytes).toString('base64url'), 'os2'))).toContain(
      why,
    );
  });

  it('can encode the choices of the longest run in a few characters, but not more', () => {
    const zeros = (count: number) => [...varint(count), ...varint(count * 2), 1];
    const bytes = [0, ...zeros(4_000_000), 2, ...zeros(4_000_000)];
    const { schedule } = decodeToken(
      forge('a/b/c', '00000000', Buffer.from(bytes).toString('base64url'), 'os2'),
    );
    expect(schedule.schedule.length + schedule.time.length).toBe(8_000_000);
    const more = Buffer.from([...bytes, 3, ...zeros(1)]).toString('base64url');
    expect(messageOf(forge('a/b/c', '00000000', more, 'os2'))).toContain('more choices than a run can have');
    const tooLong = { ...emptySchedule(), schedule: new Array(8_000_001).fill(0) };
    expect(() => encodeToken(coldStart, tooLong)).toThrow(TokenError);
    const tooLarge = { ...emptySchedule(), target: [2 ** 32] };
    expect(() => encodeToken(coldStart, tooLarge)).toThrow(/the choice 4294967296/);
  });

  it('of a long repetitive run is short; that of a short run has format os1', () => {
    const turns = {
      ...emptySchedule(),
      schedule: [2, 1, ...Array.from({ length: 50_000 }, (_, i) => i % 3)],
    };
    expect(encodeToken(coldStart, turns)).toMatch(/^os2:.{1,60}$/);
    const ones = {
      ...emptySchedule(),
      schedule: new Array(50_000).fill(1),
      fault: [...new Array(50_000).fill(0), 1],
    };
    expect(encodeToken(coldStart, ones)).toMatch(/^os2:.{1,80}$/);
    expect(encodeToken(coldStart, { ...emptySchedule(), schedule: [1, 1, 1, 1, 1, 1, 1, 1] })).toMatch(
      /^os1:/,
    );
  });

  it('causes only a TokenError for any invalid string', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('base64url'));
    const parts = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), bytes), { maxLength: 7 });
    const tokens = fc.oneof(
      fc.string({ unit: 'binary' }),
      parts.map((list) => `os1:${list.join(':')}`),
      bytes.map((choices) => forge('a/b/c', '00000000', choices)),
      bytes.map((choices) => forge('a/b/c', '00000000', choices, 'os2')),
      fc
        .tuple(fc.nat({ max: token.length }), fc.string({ unit: 'binary', maxLength: 5 }))
        .map(([at, text]) => token.slice(0, at) + text + token.slice(at)),
    );
    fc.assert(
      fc.property(tokens, (text) => {
        try {
          decodeToken(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TokenError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('replaying a token', () => {
  it('requires its scenario with the same definition', async () => {
    const { violations } = await check(coldStart, { seed: 1 });
    const { token } = violations[0]!;
    await expect(replay(token, () => undefined)).rejects.toThrow(/not among those known here/);
    const changed = scenarioOf({ daemon: async () => {} }, { id: coldStart.id });
    await expect(replay(token, () => changed)).rejects.toThrow(TokenError);
    await expect(replay(token, () => changed)).rejects.toThrow(/another definition/);
  });

  it('gives the same run each time', async () => {
    const { violations } = await check(coldStart, { seed: 1 });
    const [first, second] = await Promise.all(
      [1, 2].map(() => replay(violations[0]!.token, (id) => (id === coldStart.id ? coldStart : undefined))),
    );
    expect(first!.verdict).toBe('violated');
    expect(first!.misfit).toBeNull();
    expect(first!.events).toEqual(second!.events);
    expect(first!.traceHash).toMatch(/^[0-9a-f]{16}$/);
    expect(first!.traceHash).toBe(second!.traceHash);
    expect(first!.token).toBe(violations[0]!.token);
    expect(first!.cost).toEqual({
      faults: violations[0]!.faults,
      contenders: violations[0]!.contenders,
      switches: violations[0]!.switches,
      steps: violations[0]!.steps,
    });
  });

  it('reports a choice that is no longer available because the programs have changed', async () => {
    const other = scenarioOf({ worker: async () => {} }, { start: [{ program: 'worker', count: 2 }] });
    const bold = { ...emptySchedule(), schedule: [3] };
    const again = await replay(encodeToken(other, bold), () => other);
    expect(again.verdict).toBe('passed');
    expect(again.misfit).toMatchObject({ concern: 'schedule', index: 0, choice: 3, n: 2 });
  });
});
