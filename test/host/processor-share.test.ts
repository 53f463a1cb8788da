// Time-outs of real time are longer while others have the processor.
import { describe, expect, it } from 'vitest';
import { ProcessorShare } from '../../src/host/processor-share.ts';

describe('a time-out', () => {
  it('is what was asked for while this process has the processor, and at the beginning', () => {
    const share = new ProcessorShare();
    expect(share.longer(5_000)).toBe(5_000);
    for (let slice = 0; slice < 10; slice++) share.add(50, 48);
    expect(share.longer(5_000)).toBe(5_000);
  });

  it('is longer on a busy machine, within a bound, and again what was asked for when that is over', () => {
    const share = new ProcessorShare();
    for (let slice = 0; slice < 10; slice++) share.add(200, 50);
    expect(share.longer(5_000)).toBe(20_000);
    share.add(100_000, 50);
    expect(share.longer(5_000)).toBe(40_000);
    for (let slice = 0; slice < 500; slice++) share.add(50, 49);
    expect(share.longer(5_000)).toBe(5_000);
  });

  it('is measured', () => {
    const share = new ProcessorShare();
    const end = share.begin();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    end();
    expect(share.longer(1_000)).toBeGreaterThan(1_500);
  });
});
