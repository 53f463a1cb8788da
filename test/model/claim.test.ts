import { describe, expect, it } from 'vitest';
import {
  type Claim,
  claimOf,
  formatClaim,
  isCommandOf,
  MAX_CLAIM_BYTES,
  parseClaim,
} from '../../src/model/claim.ts';
import { bytesFrom, decodeText, encodeText } from '../../src/ports/index.ts';
import fc from '../fc.ts';
import { claimText, SELF } from './helpers.ts';

/** What a claim of ours may be, and nothing else. */
function expectClaimOrNull(claim: Claim | null): void {
  if (claim === null) return;
  expect(['owner', 'challenge', 'free']).toContain(claim.kind);
  for (const number of [claim.token, claim.pid, claim.startTicks, claim.uid]) {
    expect(Number.isSafeInteger(number)).toBe(true);
    expect(number).toBeGreaterThanOrEqual(0);
  }
  expect(claim.nonce).toMatch(/^[0-9a-f]{16,64}$/);
  expect(claim.command.every((word) => typeof word === 'string')).toBe(true);
  expect(Object.keys(claim).sort()).toEqual(Object.keys(JSON.parse(claimText())).sort());
}

const someClaim = fc.record({
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  startTicks: fc.integer({ min: 0 }),
  bootId: fc.string(),
  pidNamespace: fc.string(),
  hostname: fc.string({ maxLength: 64 }),
  uid: fc.integer({ min: 0 }),
  ppid: fc.constant(1),
});
const command = fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 50 });
const NONCE = 'ab'.repeat(16);

describe('what is read as a claim', () => {
  it('any text is a complete claim or nothing, without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(parseClaim(text)).toBeNull();
      }),
    );
  });

  it('of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseClaim(decodeText(bytesFrom(bytes)))).toBeNull();
      }),
    );
  });

  it('of a claim with a part cut out, doubled or overwritten', () => {
    const whole = claimText();
    const part = fc.integer({ min: 0, max: whole.length });
    fc.assert(
      fc.property(part, part, fc.string({ maxLength: 6 }), (a, b, text) => {
        expectClaimOrNull(parseClaim(whole.slice(0, a) + text + whole.slice(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a claim cut off anywhere: nothing', () => {
    const whole = claimText().trimEnd();
    for (let length = 0; length < whole.length; length++)
      expect(parseClaim(whole.slice(0, length))).toBeNull();
    expect(parseClaim(whole)).not.toBeNull();
  });

  it('of a claim with a value of any other kind in one place', () => {
    const whole = JSON.parse(claimText()) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (name, value) => {
        expectClaimOrNull(parseClaim(JSON.stringify({ ...whole, [name]: value })));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['no owner', { kind: 'landlord' }],
    ['token 0', { token: 0 }],
    ['half a token', { token: 1.5 }],
    ['a token too large to count on', { token: 2 ** 53 }],
    ['PID 0, which would signal our own group', { pid: 0 }],
    ['PID -1, which would signal everybody', { pid: -1 }],
    ['a start time before the boot', { startTicks: -1 }],
    ['a nonce that is a path', { nonce: '../../etc/passwd' }],
    ['a short nonce', { nonce: 'ab' }],
    ['TCP port 0', { endpoint: { kind: 'tcp', host: '127.0.0.1', tcpPort: 0 } }],
    ['an endpoint of another kind', { endpoint: { kind: 'udp', host: '127.0.0.1', tcpPort: 1 } }],
    ['a command that is one word', { command: 'sleeper' }],
  ])('%s: nothing', (_, differs) => {
    expect(parseClaim(claimText(differs as never))).toBeNull();
  });

  it('a text that is too long is nothing, even if it starts with a claim', () => {
    expect(parseClaim(claimText().padEnd(MAX_CLAIM_BYTES))).not.toBeNull();
    expect(parseClaim(claimText().padEnd(MAX_CLAIM_BYTES + 1))).toBeNull();
  });

  it('drops what is unknown', () => {
    const text = JSON.stringify({ ...JSON.parse(claimText()), extra: 1 });
    expect(parseClaim(text)).toEqual(JSON.parse(claimText()));
    expect(parseClaim(text.replace('"extra"', '"__proto__"'))).toEqual(JSON.parse(claimText()));
  });
});

describe('a written claim', () => {
  it('is read back unchanged, and is not too long for any command line', () => {
    fc.assert(
      fc.property(someClaim, command, (self, words) => {
        const claim = claimOf(self, words, NONCE, { kind: 'unix', path: '/run/one/sock' });
        const text = formatClaim(claim);
        expect(encodeText(text).length).toBeLessThanOrEqual(MAX_CLAIM_BYTES);
        expect(parseClaim(text)).toEqual(claim);
        expect(isCommandOf(claim, words)).toBe(true);
      }),
    );
  });

  it.each([
    ['of control characters', ['\u0001'.repeat(5_000)]],
    ['of single control characters', Array.from({ length: 5_000 }, () => '\u0001')],
    ['of empty words', Array.from({ length: 5_000 }, () => '')],
    ['of wide characters', ['𓀀'.repeat(5_000)]],
    ['cut in the middle of a wide character', ['a'.repeat(1_023), '𓀀'.repeat(9)]],
  ])('fits with a command line %s', (_, words) => {
    const claim = claimOf(SELF, words, NONCE, { kind: 'unix', path: 'x'.repeat(107) });
    const text = formatClaim(claim);
    expect(encodeText(text).length).toBeLessThanOrEqual(MAX_CLAIM_BYTES);
    expect(parseClaim(text)).toEqual(claim);
    expect(isCommandOf(claim, words)).toBe(true);
  });

  it('recognizes its command line', () => {
    const claim = claimOf(SELF, ['node', 'daemon.js', '--fast'], NONCE, null);
    expect(isCommandOf(claim, ['node', 'daemon.js', '--fast'])).toBe(true);
    expect(isCommandOf(claim, ['node', 'daemon.js'])).toBe(false);
    expect(isCommandOf(claim, ['node', 'daemon.js', '--fast', '--more'])).toBe(false);
    expect(isCommandOf(claim, ['node', 'daemon.js', '--slow'])).toBe(false);
    expect(isCommandOf(claim, [])).toBe(false);
  });
});
