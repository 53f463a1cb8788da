import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it, vi } from 'vitest';
import { freePort, race } from '../src/real/index.ts';
import { run } from './cli/run.ts';
import { runVitest, vitestProject } from './vitest/project.ts';

// Two cores that have other things to do take their time to start a process.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = resolve(import.meta.dirname, '..');
const EXAMPLES = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** The timing of the simulation would do; but a loaded machine takes its time. */
const TIMING = JSON.stringify({ probeEveryMs: 100 });

function project(): string {
  const cwd = vitestProject({});
  cpSync(join(ROOT, 'examples'), cwd, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/proper-lockfile'), join(cwd, 'node_modules/proper-lockfile'), 'dir');
  return cwd;
}

it('the race of each example has the expected verdict', async () => {
  const cwd = project();
  const { code, text, results } = await runVitest(cwd, [], { ONE_SURVIVOR_SEED: '1' });
  expect(code, text).toBe(0);
  for (const name of EXAMPLES) expect(text).toMatch(new RegExp(`✓ ${name}/\\S+\\.test\\.(?:mjs|ts)`));
  expect(results).toMatchObject({
    'the lock leaves one owner': { state: 'passed', race: { verdict: 'passed', runs: 1_000 } },
    'proper-lockfile has one owner after a cold start': { race: { verdict: 'passed' } },
    'proper-lockfile has two owners after a stale lock': {
      state: 'passed',
      race: { verdict: 'violated', invariant: 'at most one owner' },
    },
    'one daemon counts': { state: 'passed', race: { verdict: 'passed' } },
    'a daemon that is asked to stop claims nothing': { state: 'passed', race: { verdict: 'passed' } },
  });
});

it('the command checks them too', async () => {
  const cwd = project();
  const files = ['own-lock/lock.mjs', 'owner/race.mjs', 'proper-lockfile/race.mjs'];
  const { code, out } = await run(cwd, ['check', ...files, '--seed', '2', '--runs', '100', '--workers', '1']);
  expect(out).toContain('5 scenarios as expected');
  expect(code).toBe(0);
});

it('one of six real counting daemons survives and counts', async () => {
  const cwd = project();
  const tcpPort = await freePort();
  const traceDirectory = join(cwd, 'traces');
  mkdirSync(traceDirectory);
  const answers: string[] = [];
  const result = await race({
    command: [process.execPath, join(cwd, 'owner/daemon.mjs'), join(cwd, 'state'), `${tcpPort}`, TIMING],
    starts: 6,
    traceDirectory,
    settleWithinMs: 60_000,
    stopWithinMs: 30_000,
    async settled() {
      for (let i = 0; i < 2; i++) answers.push(await (await fetch(`http://127.0.0.1:${tcpPort}/`)).text());
    },
  });
  expect(result.survivors).toHaveLength(1);
  expect(result.left.map(({ ending, said }) => ({ code: ending.code, said }))).toEqual(
    Array.from({ length: 5 }, () => ({ code: 0, said: '' })),
  );
  expect(result.judgement).toMatchObject({ holds: true });
  expect(result.stopped).toMatchObject([{ ending: { code: 0 } }]);
  expect(result.leftBehind).toEqual([]);
  expect(answers).toEqual(['1', '2']);
});
