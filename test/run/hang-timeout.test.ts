import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import {
  HANG_TIMEOUT_MS,
  hangTimeoutOf,
  knowIfHung,
  SHORT_HANG_TIMEOUT_MS,
  sawEnd,
  sawHang,
} from '../../src/run/hang-timeout.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';

const idle: Program = async () => 0;

function idleScenario() {
  return scenario({
    id: 'fixture/patience/idle',
    programs: { program: idle },
    start: [{ program: 'program' }],
    invariants: [],
  });
}

describe('how long a run may hang', () => {
  it('is shorter after two that hung, one after the other', () => {
    const one = idleScenario();
    sawHang(one);
    expect(hangTimeoutOf(one)).toBe(HANG_TIMEOUT_MS);
    sawHang(one);
    expect(hangTimeoutOf(one)).toBe(SHORT_HANG_TIMEOUT_MS);
    expect(hangTimeoutOf(idleScenario())).toBe(HANG_TIMEOUT_MS);
  });

  it('is as before after one that ended by itself', () => {
    const one = idleScenario();
    sawHang(one);
    sawEnd(one);
    sawHang(one);
    expect(hangTimeoutOf(one)).toBe(HANG_TIMEOUT_MS);
    sawHang(one);
    sawEnd(one);
    expect(hangTimeoutOf(one)).toBe(HANG_TIMEOUT_MS);
  });

  it('is shorter when another thread has found that it hangs', () => {
    const one = idleScenario();
    knowIfHung(one, undefined);
    knowIfHung(one, { invariant: BUILT_IN.crash });
    expect(hangTimeoutOf(one)).toBe(HANG_TIMEOUT_MS);
    knowIfHung(one, { invariant: BUILT_IN['never-yields'] });
    expect(hangTimeoutOf(one)).toBe(SHORT_HANG_TIMEOUT_MS);
  });
});
