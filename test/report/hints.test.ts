import { describe, expect, it } from 'vitest';
import { hintFor } from '../../src/report/hints.ts';
import { BUILT_IN } from '../../src/run/index.ts';

/** A hint must not lead away from the mistake. */

describe('the hint for a crash', () => {
  it.each(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'])(
    'for a %s does not suggest to allow crashes',
    (error) => {
      const hint = hintFor(BUILT_IN.crash, `daemon#1: ${error}: x is not a function, at races/lock.mjs:3:5`);
      expect(hint).toMatch(/mistake in the program/);
      expect(hint).not.toContain('allowed');
    },
  );

  it('for an error of an operation names both options', () => {
    expect(hintFor(BUILT_IN.crash, 'ENOENT (the simulated machine has no folder /tmp: add …)')).toContain(
      'add the folder',
    );
    expect(hintFor(BUILT_IN.crash, 'daemon#1: Error: ENOENT: no such file, open TypeError: ')).toContain(
      'allowed',
    );
    expect(hintFor(BUILT_IN.crash, null)).toContain('allowed');
  });
});
