// Daemons that listen, unmodified: on a TCP port, on a Unix socket, behind a lock of a package, with an HTTP health endpoint.
import { describe, expect, it } from 'vitest';
import { check, replay, withSourceLines } from '../../src/check/index.ts';
import { commandScenario } from '../../src/simulate/index.ts';
import { commandOf, daemonFile, LISTENING_DAEMONS } from './daemons.ts';

const HOW = { seed: 1, isolation: false } as const;

/** What two starts must do for the bug, and on which lines of the file. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'port-check': ['port-check.cjs:20'],
  'unix-socket': ['unix-socket.cjs:13', 'unix-socket.cjs:15'],
  'lock-around-listen': ['lock-around-listen.cjs:26', 'lock-around-listen.cjs:28'],
  'http-health': ['http-health.mjs:31', 'http-health.mjs:32'],
};

describe.each(LISTENING_DAEMONS)('%s', (name, owner) => {
  it('is violated by two starts without a fault, on the lines of its file', async () => {
    const command = await commandOf(daemonFile(name));
    expect(command.owner).toEqual(owner);
    const scenario = commandScenario(command);
    const { verdict, firstViolationAtRun, violations } = await check(scenario, { ...HOW, runs: 300 });
    expect(verdict).toBe('violated');
    expect(firstViolationAtRun).toBeLessThanOrEqual(50);
    const [{ token, faults, contenders }] = violations as [(typeof violations)[number]];
    // A launcher and the daemon that it starts are two processes.
    expect({ faults, contenders }).toEqual({ faults: 0, contenders: name === 'port-check' ? 4 : 2 });
    const { events } = await withSourceLines(await replay(token, () => scenario));
    const at = events.map((event) => (event as { at?: string }).at ?? '');
    for (const line of LINES[name]!)
      expect(
        at.some((place) => place.includes(line)),
        line,
      ).toBe(true);
  });

  it('fixed: one is left, also after faults', async () => {
    const scenario = commandScenario(await commandOf(daemonFile(`${name}.fixed`)));
    const { verdict, struck, violations } = await check(scenario, { ...HOW, runs: 60 });
    expect(violations).toEqual([]);
    expect(verdict).toBe('passed');
    expect(struck.kill).toBeGreaterThan(0);
    expect(struck.stop).toBeGreaterThan(0);
  });
});
