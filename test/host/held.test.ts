// Guards stay for a whole check: outside of steps nothing must show of them, and after it nothing must be left.
import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { holdGuards } from '../../src/host/index.ts';
import { importModule } from '../../src/scenario/modules.ts';
import { scenarioOf } from '../check/helpers.ts';

const SOUND = scenarioOf({ program: async ({ clock }) => clock.sleep(5) });
const CULPRIT = scenarioOf({
  program: async () => {
    Date.now();
  },
});
const CHANCE = scenarioOf({
  program: async () => {
    Math.random();
  },
});
const OPTIONS = { seed: 1, runs: 3, isolation: false } as const;

/** What a guard replaces by assignment, as a getter, as what is inherited, and where Node makes it on demand. */
const descriptors = () => [
  Object.getOwnPropertyDescriptor(globalThis, 'Date'),
  Object.getOwnPropertyDescriptor(Date, 'now'),
  Object.getOwnPropertyDescriptor(os, 'hostname'),
  Object.getOwnPropertyDescriptor(process, 'pid'),
  Object.getOwnPropertyDescriptor(process, 'on'),
  Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace'),
  Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit'),
];

describe('guards that are held', () => {
  it('leave nothing behind after a check', async () => {
    const before = descriptors();
    await check(SOUND, OPTIONS);
    expect(descriptors()).toEqual(before);
  });

  it('pass everything on between the runs, and see what a step does', async () => {
    const before = descriptors();
    const { pid, platform, execPath } = process;
    const hostname = os.hostname();
    const release = holdGuards();
    try {
      await check(SOUND, OPTIONS);
      expect(Object.getOwnPropertyDescriptor(Date, 'now')).not.toEqual(before[1]);
      expect([process.pid, process.platform, process.execPath]).toEqual([pid, platform, execPath]);
      expect(Date.now()).toBeGreaterThan(1.7e12);
      expect(new Date()).toBeInstanceOf(Date);
      expect(os.hostname()).toBe(hostname);
      const { violations } = await check(CULPRIT, OPTIONS);
      expect(violations).toMatchObject([{ invariant: 'programs use only their ports' }]);
    } finally {
      release();
    }
    expect(descriptors()).toEqual(before);
  });

  it('are created again if Node or other code has replaced a guarded property', async () => {
    const makes = scenarioOf({
      program: async () => {
        new BroadcastChannel('x');
      },
    });
    const { random } = Math;
    const release = holdGuards();
    try {
      for (let i = 0; i < 2; i++) {
        const { violations } = await check(makes, OPTIONS);
        expect(violations).toMatchObject([{ invariant: 'programs use only their ports' }]);
      }
      Math.random = () => 5;
      const { violations } = await check(CHANCE, OPTIONS);
      expect(violations).toMatchObject([{ invariant: 'programs use only their ports' }]);
      expect(Math.random()).toBe(5);
    } finally {
      release();
      Math.random = random;
    }
  });

  it('keep what other code has set meanwhile', async () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    const release = holdGuards();
    const mine = () => 'mine';
    try {
      await check(SOUND, OPTIONS);
      Error.prepareStackTrace = mine;
      await check(SOUND, OPTIONS);
      expect(new Error('x').stack).toBe('mine');
      release();
      expect(Error.prepareStackTrace).toBe(mine);
    } finally {
      release();
      Reflect.deleteProperty(Error, 'prepareStackTrace');
      if (before !== undefined) Object.defineProperty(Error, 'prepareStackTrace', before);
    }
  });

  it('are away while a module is loaded: it gets hold of the same functions at any time', async () => {
    const { now } = Date;
    const release = holdGuards();
    try {
      await check(SOUND, OPTIONS);
      expect(Date.now).not.toBe(now);
      const taken = await importModule('data:text/javascript,export const { now } = Date;');
      expect(taken.now).toBe(now);
      await check(SOUND, OPTIONS);
      expect(Date.now).not.toBe(now);
    } finally {
      release();
    }
    expect(Date.now).toBe(now);
  });

  it('stay until the last holder lets go, and a second release counts for nothing', async () => {
    const { now } = Date;
    const first = holdGuards();
    const second = holdGuards();
    await check(SOUND, OPTIONS);
    first();
    first();
    expect(Date.now).not.toBe(now);
    second();
    expect(Date.now).toBe(now);
  });
});
