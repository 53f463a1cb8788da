/** A soak of a few seconds: of real owners, which recover, and of a program that never owns, which is noticed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import { EXIT } from '../../src/model/index.ts';
import { soak } from '../../src/real/index.ts';
import { canContain } from '../../src/real/soak.ts';
import { Episode } from '../../src/real/soak-episode.ts';
import { STRIKES } from '../../src/real/soak-faults.ts';
import type { Compiled } from '../e2e/compile.ts';
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

describe.runIf(canContain())('a dead claim above that of the owner, and a start in a container', () => {
  const strike = async (compiled: Compiled, name: string, patienceMs: number) => {
    const timing = { selfCheckMs: 300, probeEveryMs: 200, hangMs: 1_000, challengeMs: 800, termGraceMs: 500 };
    const daemon = compiled.path('src/cli/daemon-process.ts');
    const episode = await Episode.open({
      command: (directory, tcpPort) => [
        ...[process.execPath, daemon, '--directory', directory, '--tcp-port', String(tcpPort), '--leash'],
        ...['--timing', JSON.stringify({ ...timing, killGraceMs: 500, patienceMs })],
      ],
      recoverWithinMs: 120_000,
      isStopped: () => false,
    });
    try {
      const [owner] = await episode.start(1);
      await episode.recovers('the first start');
      await STRIKES[name]!(episode, owner!, () => 0);
      const [contained] = await episode.start(1, true);
      await Promise.race([contained!.exited, owner!.exited.then(() => episode.recovers(name))]);
      const seen = { code: contained!.ending?.code ?? null, said: contained!.said };
      await episode.recovers('that');
      return seen;
    } finally {
      await episode.close();
      expect(episode.violations).toEqual([]);
    }
  };

  test('owns, since the certificate shows the death', async ({ compiled }) => {
    expect(await strike(compiled, 'dead claim above', 600_000)).toEqual({ code: null, said: '' });
  });

  test('is blocked if the claim is of an earlier version, without a certificate', async ({ compiled }) => {
    const { code, said } = await strike(compiled, 'dead claim of an earlier version above', 4_000);
    expect(code).toBe(EXIT.blocked);
    expect(said).toContain('it is in another container');
  });
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
