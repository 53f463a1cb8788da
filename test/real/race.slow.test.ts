import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import { judge, type RealProcess, until, witnessesOf } from '../../src/real/index.ts';
import type { Arena } from '../e2e/arena.ts';
import { arenaTest } from '../e2e/fixture.ts';

const it = arenaTest.concurrent;

describe('the naive lock, as real processes', () => {
  const naive = (arena: Arena, name: string, ...gate: string[]): Promise<RealProcess> =>
    arena.run(name, [arena.script('fixtures/daemons/naive.ts'), arena.path('lock'), ...gate]);

  it('looks correct unless it is examined at the wrong moment', async ({ arena }) => {
    const first = await naive(arena, 'first');
    await arena.eventually('first owns', () => arena.hasMarked(first, 'own'));
    const second = await naive(arena, 'second');
    expect(await arena.endOf(second)).toMatchObject({ code: 0 });
    expect(arena.judge()).toMatchObject({ holds: true, owners: [{ name: 'first' }] });
  });

  it('has two owners when one looks between open and write, and the judge sees them', async ({ arena }) => {
    const slow = await naive(arena, 'slow', arena.path('gate'));
    await arena.eventually('an empty lock', () => arena.names().includes('lock'));
    const quick = await naive(arena, 'quick');
    await arena.eventually('the quick one owns', () => arena.hasMarked(quick, 'own'));
    writeFileSync(arena.path('gate'), '');
    await arena.eventually('so does the slow one', () => arena.hasMarked(slow, 'own'));
    const { holds, verdicts, owners } = arena.judge();
    expect(holds).toBe(false);
    expect(verdicts[0]).toMatchObject({
      name: 'at most one owner',
      complaint: '2 owners at once: quick and slow',
    });
    expect(owners).toHaveLength(2);
    expect(readFileSync(arena.path('lock'), 'utf8')).toBe(`${quick.pid}`);
    // Who is killed owns nothing from when it is known; what was before stays a violation.
    slow.signal('SIGKILL');
    await arena.endOf(slow);
    expect(arena.judge()).toMatchObject({ holds: false, owners: [{ name: 'quick' }] });
  });
});

describe('one-survivor race', () => {
  const race = (arena: Arena, ...options: string[]) =>
    execa(process.execPath, [arena.script('src/cli/main.ts'), 'race', ...options], {
      reject: false,
      env: { TMPDIR: arena.root },
    });

  it('reports how many survive', async ({ arena }) => {
    const { exitCode, stdout, stderr } = await race(arena, '--starts', '6', '--tcp-port', `${arena.tcpPort}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const facts = stdout
      .replace(/\d+\.\d+ s/, 'S s')
      .replace(/PID \d+ \(daemon#(\d)\) {2}([·●]{6})$/m, (_, n, row) => `PID P ${row.indexOf('●') === n - 1}`)
      .replace(/\S+ lines/, 'L lines');
    expect(facts.split('\n').map((line) => line.trimEnd())).toEqual([
      `started        6 processes at once, for TCP port ${arena.tcpPort}`,
      'settled        after S s',
      'survivor       PID P true',
      'left           5 with exit code 0',
      'held           at most one owner',
      'held           no act of a former owner',
      'held           nothing foreign is signalled',
      'held           nothing unproven is signalled',
      'not exercised  fencing tokens only rise · no fencing token is granted twice (requires: two owners were granted fencing tokens)',
      '               which is as it should be: the first owner lived, so none had to follow it',
      'judged         L lines of real traces',
      'stopped        the survivor, when asked: with exit code 0',
      'left over      0 processes',
    ]);
    expect(arena.litter()).toEqual([]);
  });

  it('reports in JSON, with exit code 1, that a foreign process blocks all starts', async ({ arena }) => {
    const stranger = await arena.listen();
    const { exitCode, stdout } = await race(
      arena,
      '--starts',
      '1',
      '--tcp-port',
      `${arena.tcpPort}`,
      '--json',
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      starts: 1,
      tcpPort: arena.tcpPort,
      survivors: [],
      left: [
        {
          name: 'daemon#1',
          code: 69,
          signal: null,
          said: expect.stringMatching(/^blocked: TCP port \d+ is held by PID \d+ .* not ours$/),
        },
      ],
      invariants: Array(6).fill({ holds: true, exercised: false }),
      leftOver: [],
    });
    expect(stranger.ending).toBeNull();
  });

  it.for([
    ['--starts', '0'],
    ['--starts', 'x'],
    ['--tcp-port', '65536'],
  ])('%s %s is a usage error', async ([option = '', value = ''], { arena }) => {
    const { exitCode, stdout, stderr } = await race(arena, option, value);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`${option} got "${value}"; accepted: a whole number from`);
  });

  it.for([
    [
      ['--phases', 'kil'],
      '--phases got "kil"; accepted: all, or some of cold-start, lose, kill, reuse, stop, occupy',
    ],
    [['--phases', 'all', '--starts', '1'], '--phases needs at least 2 starts; --starts got 1'],
  ] as const)('%s is a usage error', async ([options, message], { arena }) => {
    const { exitCode, stderr } = await race(arena, ...options);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it.for(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves no process when it is ended by %s in the middle',
    async (signal, { arena }) => {
      const temporary = join(arena.root, 'temporary');
      mkdirSync(temporary);
      const racer = await arena.run('racer', [arena.script('src/cli/main.ts'), 'race', '--starts', '4'], {
        TMPDIR: temporary,
      });
      await arena.eventually('all have begun', () => arena.processes.descendants().length >= 4);
      const racers = arena.processes.descendants();
      racer.signal(signal);
      const { code } = await arena.endOf(racer);
      if (signal !== 'SIGKILL') {
        expect(racer.said).toMatch(/^result +interrupted: results so far/m);
        expect(racer.said).not.toMatch(/^(?:held|survivor|left) /m);
      }
      expect(code).toBe({ SIGINT: 130, SIGTERM: 130, SIGKILL: null }[signal]);
      // A process that has lost its parent is no descendant any more, and may not have noticed yet.
      const gone = () =>
        arena.processes.descendants().length === 0 &&
        !racers.some((identity) => arena.processes.isAlive(identity));
      if (signal === 'SIGKILL') expect(await until(gone, 60_000)).toBe(true);
      expect(arena.processes.descendants()).toEqual([]);
      if (signal !== 'SIGKILL')
        expect(readdirSync(temporary).filter((name) => name.includes('race'))).toEqual([]);
      expect(racers.filter((identity) => arena.processes.isAlive(identity))).toEqual([]);
    },
  );
});

it('what processes have begun is judged while they run', async ({ arena }) => {
  const owner = await arena.start('owner');
  await arena.untilServes(owner);
  const witnesses = witnessesOf(arena.processes.started, arena.traces);
  expect(judge(witnesses)).toMatchObject({ holds: true, owners: [{ name: 'owner' }] });
});
