// The race of a system from the command line, as real processes: what it prints, and that it leaves nothing behind.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import { until } from '../../src/real/index.ts';
import { arenaTest as it } from '../e2e/fixture.ts';

const MAIN = 'src/cli/main.ts';
const MCPORTER = ['race', '--system', 'mcporter'];

it('one row of both variants, in JSON: faults before, none after, and nothing is left', async ({ arena }) => {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [arena.script(MAIN), ...MCPORTER, '--rows', 'lost-metadata', '--trials', '1', '--json'],
    { reject: false, env: { TMPDIR: arena.state } },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ ok: true, interrupted: false, system: 'mcporter', platform: 'linux', trials: 1 },
    rows: [
      {
        variant: 'before',
        expects: 'fault',
        asExpected: true,
        trials: [{ value: '2, rebinds', survivors: 2 }],
      },
      {
        variant: 'after',
        agrees: true,
        asExpected: true,
        trials: [{ fault: null, survivors: 1, orphans: 0 }],
      },
    ],
  });
  expect(arena.names().filter((name) => name.startsWith('osr-'))).toEqual([]);
  expect(arena.processes.descendants()).toEqual([]);
});

it.for(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'when it is ended by %s in the middle of a trial, no process is left',
  async (signal, { arena }) => {
    const temporary = join(arena.root, 't');
    mkdirSync(temporary);
    const rows = ['--rows', 'foreground-x5', '--trials', '1000', '--variant', 'after'];
    const racer = await arena.run('racer', [arena.script(MAIN), ...MCPORTER, ...rows], { TMPDIR: temporary });
    await arena.eventually('a trial has begun', () => arena.processes.descendants().length >= 4);
    const started = arena.processes.descendants();
    racer.signal(signal);
    const { code } = await arena.endOf(racer);
    expect(code).toBe({ SIGINT: 130, SIGTERM: 130, SIGKILL: null }[signal]);
    const gone = (): boolean =>
      arena.processes.descendants().length === 0 && !started.some((each) => arena.processes.isAlive(each));
    if (signal === 'SIGKILL') expect(await until(gone, 60_000)).toBe(true);
    else {
      expect(gone()).toBe(true);
      expect(racer.said).toMatch(/^interrupted: the trials so far; all processes were ended$/m);
      expect(readdirSync(temporary)).toEqual([]);
    }
  },
);
