import { expect, test } from 'vitest';
import { fitPath, shorten } from '../../viewer/fit.ts';
import { duration } from '../../viewer/words.ts';
import fc from '../fc.ts';

test('a text that fits stays as it is', () => {
  expect(shorten('open wx /state/lock → 3', 23)).toBe('open wx /state/lock → 3');
});

test.each([
  [30, 'open wx …/mcp/lock.json → 3'],
  [23, 'open wx …/lock.json → 3'],
  [20, 'open wx …ck.json → 3'],
])('in %i characters, the end of a path and the result stay', (most, short) => {
  expect(shorten('open wx /run/user/mcp/lock.json → 3', most)).toBe(short);
});

test('a long content is cut after the path', () => {
  const text = `read /run/mcp/daemon.json → "${'x'.repeat(80)}"`;
  expect(shorten(text, 32)).toMatch(/^read …\/daemon\.json → "x+…$/);
  expect(fitPath('/openchrome/locks/port-9222-openchrome_profile.json', 20)).toBe('…chrome_profile.json');
});

test('no text is longer than there is room, and a path keeps its end', () => {
  const name = fc.stringMatching(/^[a-z.#-]{1,20}$/);
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 5 }),
      fc.string(),
      fc.integer({ min: 24, max: 90 }),
      (names, rest, most) => {
        const path = `/${names.join('/')}`;
        const short = shorten(`stat ${path} → ${rest}`, most);
        expect(short.length).toBeLessThanOrEqual(most);
        expect(short).toContain(path.slice(-3));
      },
    ),
  );
});

test.each([
  [0.02, '0.02 ms'],
  [300, '300 ms'],
  [2_100, '2.1 s'],
  [29_000, '29 s'],
  [59_700, '1 min'],
  [131_000, '2 min 11 s'],
  [3_900_000, '1 h 5 min'],
])('%f ms are %s', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words);
});
