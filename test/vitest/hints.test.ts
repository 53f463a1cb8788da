import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../../src/run/index.ts';
import { hintFor } from '../../src/vitest/hints.ts';

/** A hint must not lead away from the mistake. */

describe('the hint for a crash', () => {
  it.each(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'])(
    'by a %s is not to allow crashes',
    (error) => {
      const hint = hintFor(BUILT_IN.crash, `daemon#1: ${error}: x is not a function, at races/lock.mjs:3:5`);
      expect(hint).toMatch(/mistake in the program/);
      expect(hint).not.toContain('allowed');
    },
  );

  it('by an error of an operation names both ways', () => {
    expect(hintFor(BUILT_IN.crash, 'daemon#1: Error: ENOENT: no such file, open TypeError: ')).toContain(
      'allowed',
    );
    expect(hintFor(BUILT_IN.crash, null)).toContain('allowed');
  });
});
