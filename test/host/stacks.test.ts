// Programs that replace how Node writes stacks: neither the tool nor another run must feel it.
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { thrownOf } from '../../src/scenario/thrown.ts';
import { scenarioOf } from '../check/helpers.ts';

const OPTIONS = { seed: 1, runs: 3, isolation: false } as const;

describe('a program that replaces Error.prepareStackTrace', () => {
  it('with a function that throws crashes as any other does', async () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    const report = await check(
      scenarioOf({
        program: async () => {
          Error.prepareStackTrace = () => {
            throw new Error('from within');
          };
          throw new Error('its own');
        },
      }),
      OPTIONS,
    );
    expect(report.violations).toMatchObject([{ invariant: 'no program crashes' }]);
    expect(report.violations[0]!.message).toContain('Error: its own');
    expect(Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')).toEqual(before);
  });

  it('has what it has set, in its own run only', async () => {
    const seen: unknown[] = [];
    const { stackTraceLimit } = Error;
    const report = await check(
      scenarioOf({
        program: async () => {
          seen.push([new Error('x').stack === 'mine', Error.stackTraceLimit]);
          Error.prepareStackTrace = () => 'mine';
          Error.stackTraceLimit = 1;
          seen.push([new Error('x').stack === 'mine', Error.stackTraceLimit]);
        },
      }),
      OPTIONS,
    );
    expect(report.verdict).toBe('passed');
    expect(seen.length).toBeGreaterThan(4);
    for (const [i, each] of seen.entries())
      expect(each).toEqual(i % 2 ? [true, 1] : [false, stackTraceLimit]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});

describe('what is thrown', () => {
  it('of which nothing can be read has no text', () => {
    const trap = (): never => {
      throw new Error('trap');
    };
    const without = new Proxy({}, { get: trap, getPrototypeOf: trap });
    expect(thrownOf(without).message).toBe('something that has no text');
  });

  it('may have a stack that is no text', () => {
    const frames = Object.assign(new Error('x'), { stack: [1, 2] });
    const trapped = Object.defineProperty(new Error('x'), 'stack', {
      get: () => {
        throw new Error('trap');
      },
    });
    for (const error of [frames, trapped])
      expect(thrownOf(error)).toMatchObject({ name: 'Error', message: 'x' });
  });

  it('for several promises that failed has the place of the first', async () => {
    const report = await check(
      scenarioOf({
        program: async () => {
          await Promise.any([Promise.reject(new Error('the first')), Promise.reject(new Error('another'))]);
        },
      }),
      OPTIONS,
    );
    expect(report.violations[0]!.at).toMatch(/^test\/host\/stacks\.test\.ts:\d+:\d+$/);
  });
});
