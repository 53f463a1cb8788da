/** A soak of a few seconds: of real owners, which recover, and of a program that never owns, which is noticed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { soak } from '../../src/real/index.ts';
import { arenaTest as test } from '../e2e/fixture.ts';

const TIMING = JSON.stringify({ selfCheckMs: 300, tidyEveryMs: 1_000, probeEveryMs: 200 });

test('owners recover from each fault, and leave nothing behind', async ({ compiled }) => {
  const daemon = compiled.path('src/cli/daemon-process.ts');
  const done = await soak({
    command: (directory, tcpPort) => [
      ...[process.execPath, daemon, '--directory', directory, '--tcp-port', String(tcpPort)],
      ...['--timing', TIMING, '--helper', '--leash'],
    ],
    forMs: 3_000,
    seed: 1,
    recoverWithinMs: 120_000,
  });
  expect(done.violations).toEqual([]);
  expect(done.rounds).toBeGreaterThan(0);
  expect(Object.values(done.faults).reduce((sum, count) => sum + count)).toBe(done.rounds);
});

test('a program that never owns violates what must hold', async () => {
  const done = await soak({
    command: () => [
      process.execPath,
      '-e',
      'console.log("ready"); process.stdin.once("data", () => process.exit(3))',
    ],
    forMs: 1,
    seed: 1,
    recoverWithinMs: 1_000,
  });
  expect(done.violations).toContainEqual(
    expect.stringContaining('one owner serves after "the first starts"'),
  );
  expect(done.violations).toContainEqual(expect.stringContaining('a start ends with a defined exit code'));
});

test('an interrupted soak ends its processes and removes its directory', async ({ compiled }) => {
  const real = pathToFileURL(compiled.path('src/real/index.ts')).href;
  const script = `
    const { soak } = await import(${JSON.stringify(real)});
    await soak({
      command: (directory, tcpPort) => [process.execPath, ${JSON.stringify(compiled.path('src/cli/daemon-process.ts'))},
        '--directory', directory, '--tcp-port', String(tcpPort), '--helper', '--leash'],
      forMs: 600_000, seed: 2, recoverWithinMs: 120_000, progress: () => {},
    });`;
  const env = { ...process.env, TMPDIR: join(compiled.directory, 'tmp') };
  mkdirSync(env.TMPDIR);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit', env });
  const mine = () => readdirSync(env.TMPDIR);
  while (
    mine().length === 0 ||
    !readdirSync(join(env.TMPDIR, mine()[0]!, 'state')).some((name) => name.startsWith('gen-'))
  )
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  expect(mine()).toEqual([]);
});
