// `one-survivor storm` on small daemons as real processes: what it judges, refuses and leaves behind. The other daemons are in the nightly file.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listPids, readVariable } from '../../src/node/identity.ts';
import { json, project, run, start } from '../cli/run.ts';
import { expectPassed, expectViolated, FIXTURES, has, ownFolder } from './storms.ts';

let temporary: Record<string, string>;
beforeEach(() => {
  temporary = ownFolder();
});

const left = (): string[] => readdirSync(temporary.TMPDIR!);

/** The processes of a storm that was given this word in its environment. */
function marked(word: string): number[] {
  return listPids().filter((pid) => {
    try {
      return readVariable(pid, 'STORM_TEST') === word;
    } catch {
      return false;
    }
  });
}

describe('daemons in sh', () => {
  it('one that does not look whether the process lives is violated', () =>
    expectViolated([
      'sh',
      'stale-lock.broken.sh',
      'a new start recovers after the faults',
      ['--faults', 'kill'],
    ]));

  // Only where flock(1) is installed.
  it.runIf(has('flock'))('one with flock passes', () =>
    expectPassed(['flock', 'flock.sound.sh', 'is named in $HOME/daemon.pid']),
  );
});

describe('without namespaces', () => {
  it('says so, and judges the same', async () => {
    const args = ['storm', '--json', '--isolate', 'none', '--rounds', '1', '--faults', 'kill,pid-reuse'];
    const command = ['--seed', '1', '--', 'node', join(FIXTURES, 'port.sound.cjs')];
    const { code, data } = await json(project(), [...args, ...command], temporary);
    expect(data.violations).toEqual([]);
    expect(data.verdict).toBe('inconclusive');
    expect(data.reason).toContain('pid-reuse cannot strike here');
    expect(data.storm.notIsolated).toEqual(['no isolation was wanted']);
    expect(data.faults).toEqual({ kill: 1 });
    expect(code).toBe(3);
    expect(left()).toEqual([]);
  });

  it('a state directory that is not empty is refused, and stays as it is', async () => {
    const cwd = project();
    const state = join(cwd, 'state');
    mkdirSync(state);
    writeFileSync(join(state, 'mine'), 'x');
    const args = [
      'storm',
      '--isolate',
      'none',
      '--state-dir',
      state,
      '--',
      'node',
      join(FIXTURES, 'port.sound.cjs'),
    ];
    const { code, err } = await run(cwd, args, temporary);
    expect(err).toContain('is not empty (it has mine)');
    expect(code).toBe(2);
    expect(readFileSync(join(state, 'mine'), 'utf8')).toBe('x');
    expect(left()).toEqual([]);
  });
});

describe('what cannot be judged', () => {
  it.each([
    [['--', 'no-such-command-here'], 'storm cannot start "no-such-command-here": it is not there'],
    [['--', './'], 'storm cannot start "./": it is a folder'],
    [['--faults', 'enospc', '--', 'node', 'x.js'], 'storm accepts: none, or some of kill, stop'],
    [['--isolate', 'user', '--', 'node', 'x.js'], '--isolate got "user"; accepted: none, or some of pid'],
  ])('%s is refused', async (args, message) => {
    const { code, err } = await run(project(), ['storm', ...args], temporary);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  it('is a command that leaves no process, and what it prints is made harmless', async () => {
    const script = 'process.stdout.write("\\u001b[2J\\u001b]0;title\\u0007usage: x")';
    const { code, out } = await run(project(), ['storm', '--', 'node', '-e', script], temporary);
    expect(out).toContain('left no process, so there is no daemon to judge. It ended with exit code 0');
    expect(out).toContain('usage: x');
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(code).toBe(3);
    expect(left()).toEqual([]);
  });
});

describe('ended early', () => {
  const command = [
    'storm',
    '--isolate',
    'none',
    '--rounds',
    '50',
    '--',
    'node',
    join(FIXTURES, 'port.sound.cjs'),
  ];

  async function untilRunning(word: string): Promise<void> {
    await expect.poll(() => marked(word).length, { timeout: 60_000, interval: 50 }).toBeGreaterThan(2);
  }

  it('by Ctrl-C, it leaves no process and no folder', async () => {
    const running = start(project(), command, { ...temporary, STORM_TEST: 'interrupted' });
    await untilRunning('interrupted');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    await expect.poll(() => marked('interrupted'), { timeout: 30_000 }).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('by SIGKILL of all that belongs to it, the next one removes what is left, and nothing else', async () => {
    const env = { ...temporary, STORM_TEST: 'killed' };
    const running = start(project(), command, env);
    await untilRunning('killed');
    running.kill('SIGKILL');
    for (const pid of marked('killed')) if (isRound(pid)) endIfThere(pid);
    await running;
    const strange = join(temporary.TMPDIR!, 'os-storm-strange');
    mkdirSync(strange);
    const next = await json(
      project(),
      [
        'storm',
        '--json',
        '--rounds',
        '1',
        '--faults',
        'none',
        '--',
        'node',
        join(FIXTURES, 'port.sound.cjs'),
      ],
      temporary,
    );
    expect(next.data.notes.join()).toContain('an earlier storm was killed');
    expect(marked('killed')).toEqual([]);
    expect(left()).toEqual(['os-storm-strange']);
  });
});

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, since the storm has.
  }
}

/** The process that runs a round, not what it has started. */
function isRound(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('storm-process');
  } catch {
    return false;
  }
}

it('shows progress on a terminal only, and the report on stdout', async () => {
  const args = [
    'storm',
    '--rounds',
    '1',
    '--faults',
    'none',
    '--seed',
    '5',
    '--',
    'node',
    join(FIXTURES, 'port.sound.cjs'),
  ];
  const { out, err } = await run(project(), args, temporary);
  expect(err).toBe('');
  expect(out).toContain('round  left  faults');
  expect(out).toContain('real timing is not deterministic');
  expect(out).toContain('npx one-survivor storm --seed 5 --rounds 1 --faults none -- node ');
});
