import { describe, expect, it } from 'vitest';
import { printable } from '../../src/report/escape.ts';
import { truncate, widthOf, wrap } from '../../src/report/wrap.ts';
import fc from '../fc.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map(printable);
const ALL = { indent: 2, most: Number.POSITIVE_INFINITY };

describe('wrap', () => {
  it('leaves a text that fits as it is', () => {
    expect(wrap('a b  c ', 10)).toEqual(['a b  c']);
  });

  it('breaks at blanks, and indents what follows', () => {
    expect(wrap('the lock is held by another process', 20)).toEqual([
      'the lock is held',
      '  by another process',
    ]);
  });

  it('breaks a word that has no room on any line', () => {
    expect(wrap('a'.repeat(25), 12)).toEqual(['a'.repeat(10), `  ${'a'.repeat(10)}`, '  aaaaa']);
  });

  it('says that more was left out, in the last line', () => {
    expect(wrap('one two three four five six', 7, { most: 2 })).toEqual(['one', '  two…']);
  });

  it('returns no wider and no more lines than requested', () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 8, max: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (all, width, most) => {
          const lines = wrap(all, width, { most });
          expect(lines.length).toBeLessThanOrEqual(most);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('loses nothing but blanks', () => {
    const letters = (given: string): string => given.normalize().replace(/\s/g, '');
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 60 }), (all, width) => {
        expect(letters(wrap(all, width, ALL).join(''))).toBe(letters(all));
      }),
    );
  });
});

describe('truncate', () => {
  it('cuts between what a reader sees as characters', () => {
    expect(truncate('ab👩‍👩‍👧cd', 4)).toBe('ab…');
    expect(truncate('a語b', 3)).toBe('a…');
  });

  it('says that it has cut', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 60 }), (all, width) => {
        const cut = truncate(all, width);
        expect(widthOf(cut)).toBeLessThanOrEqual(width);
        expect(cut === all || cut.endsWith('…')).toBe(true);
      }),
    );
  });
});

it('the width of a text that has narrow characters only is counted, not asked for', () => {
  expect(widthOf('a → b · c…')).toBe(10);
  expect(widthOf('語')).toBe(2);
  expect(widthOf('é')).toBe(1);
});
