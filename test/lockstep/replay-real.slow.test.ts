/** Recorded runs on real processes: of each kind, with the real side sabotaged, and through the command line. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import corpus from '../../fixtures/tokens.json' with { type: 'json' };
import type { LeftOut } from '../../src/lockstep/coordinate/plan.ts';
import { replayReal, separationHere } from '../../src/lockstep/index.ts';
import { decodeToken } from '../../src/schedule/index.ts';
import { builtInScenario } from '../../src/systems/one.ts';
import { builtPackage } from '../cli/build.ts';
import { project, run, start } from '../cli/run.ts';

const PACKAGE = await builtPackage();
const entry = join(PACKAGE, 'dist/cli/lockstep-process.js');
const url = pathToFileURL(join(PACKAGE, 'dist/systems/index.js')).href;
const { ownPids, otherUsers } = separationHere();

function tokenOf(id: string): string {
  return corpus.find(({ scenario }) => scenario === id)!.token;
}

async function repeat(id: string, options: { leaveOut?: LeftOut; patienceMs?: number } = {}) {
  const scenario = (await builtInScenario(id))!;
  return replayReal(scenario, decodeToken(tokenOf(id)).schedule, { entry, url, ...options });
}

describe('the same on real processes', () => {
  test.each([
    ['a race', 'model/naive/cold-start'],
    ['a kill', 'faults/unguarded/kill'],
    ['a stop for good', 'model/naive/stopped-owner'],
    ['a torn file', 'faults/unguarded/tear-state'],
    ['files that are rolled back', 'faults/unguarded/roll-back-state'],
    ['a foreign listener', 'faults/unguarded/port-grab'],
    ['files that are left, as the invariant sees them', 'orchestrator/before/never-reaped'],
    ['a dead parent', 'faults/unguarded/parent-death'],
    ['requests, and a server that is started by a client', 'mcporter/before/launchd'],
    ['a reboot', 'faults/unguarded/reboot'],
    ['a published package', 'peers/proper-lockfile/stale-takeover'],
    ['a package that calls synchronously', 'peers/lockfile/sync-long-hold'],
  ])('%s: %s', async (_, id) => {
    const real = await repeat(id);
    expect(real).toMatchObject({ verdict: 'violated', agrees: true, firstDifference: null, asked: true });
    expect(real.processes).toBeGreaterThan(0);
    expect(real.events.map(({ op }) => op)).toContain('start');
  });

  test.runIf(ownPids)('a PID that is given again is the very same', async () => {
    const real = await repeat('model/naive/pid-reuse');
    expect(real).toMatchObject({ verdict: 'violated', agrees: true });
    const started = real.events.filter(({ op }) => op === 'start');
    const pids = started.map(({ args }) => args.pid);
    expect(new Set(pids).size).toBe(pids.length - 1);
  });

  test.runIf(ownPids && otherUsers)('containers with processes of the same PID', async () => {
    expect(await repeat('closedloop/after/pid-1-in-a-container')).toMatchObject({ agrees: true });
  });

  test('a fault that exists only in answers is named', async () => {
    const real = await repeat('faults/unguarded/clock-jump');
    expect(real).toMatchObject({ verdict: 'violated', agrees: true, answersOnly: ['clock-jump'] });
  });

  test('a power cut is refused, and nothing is started', async () => {
    const real = await repeat('faults/unguarded/power-cut');
    expect(real).toMatchObject({ verdict: 'refused', agrees: null, processes: 0 });
    expect(real.reason).toContain('power cut');
  });
});

describe('what the real side leaves out is noticed', () => {
  test.each<[LeftOut, string]>([
    ['signals', 'model/naive/stopped-owner'],
    ['file-faults', 'faults/unguarded/tear-state'],
    ['write', 'model/naive/cold-start'],
    ['byte', 'model/naive/cold-start'],
    ['unlink', 'model/naive/cold-start'],
  ])('%s of %s', async (leaveOut, id) => {
    const real = await repeat(id, { leaveOut, patienceMs: 5_000 });
    expect(real).toMatchObject({ verdict: 'differs', agrees: false });
    expect(real.firstDifference?.step).toBeGreaterThan(0);
  });

  test('what only the invariant notices, which is asked again at the end', async () => {
    const real = await repeat('orchestrator/before/never-reaped', { leaveOut: 'seen-files' });
    expect(real).toMatchObject({ verdict: 'differs', agrees: false, asked: false });
    expect(real.firstDifference?.what).toMatch(/^".+" says something else of the real files/);
    expect(real.firstDifference?.real).not.toEqual(real.firstDifference?.simulated);
  });
});

describe('replay --real', () => {
  /** Nothing may be left in it. */
  const temporary = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'os-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };

  test('prints the same verdict, and leaves nothing behind', async () => {
    const TMPDIR = temporary();
    const token = tokenOf('model/naive/lost-metadata');
    const { code, out, err } = await run(project(), ['replay', token, '--real'], { TMPDIR });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain('real processes: the same, violated');
    expect(out).toContain('the same message from "at most one owner"');
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  test('Ctrl-C ends all processes, and removes all files', async () => {
    const TMPDIR = temporary();
    const token = tokenOf('mcporter/before/foreground-x5');
    const command = start(project(), ['replay', token, '--real'], { TMPDIR });
    const directory = await untilThere(() => socketBelow(TMPDIR));
    command.kill('SIGINT');
    const { exitCode, stderr } = await command;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('interrupted');
    expect(readdirSync(TMPDIR)).toEqual([]);
    expect(processesOf(directory)).toEqual([]);
  });

  test('after SIGKILL, the next one ends and removes what is left', async () => {
    const TMPDIR = temporary();
    const args = (id: string): string[] => ['replay', tokenOf(id), '--real'];
    const command = start(project(), args('mcporter/before/foreground-x5'), { TMPDIR });
    const directory = await untilThere(() => socketBelow(TMPDIR));
    command.kill('SIGKILL');
    await command;
    const { code } = await run(project(), args('model/naive/lost-metadata'), { TMPDIR });
    expect(code).toBe(1);
    expect(readdirSync(TMPDIR)).toEqual([]);
    expect(processesOf(directory)).toEqual([]);
  });

  test.each([
    [['--mutant', 'none'], 'mutant'],
    [['--html', 'page.html'], '--html has no page'],
  ])('refuses %j', async (more, message) => {
    const { code, err } = await run(project(), [
      'replay',
      tokenOf('model/naive/cold-start'),
      '--real',
      ...more,
    ]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

/** The directory of a replay whose coordinator listens. */
function socketBelow(folder: string): string | null {
  const name = readdirSync(folder).find((each) => existsSync(join(folder, each, 'c')));
  return name === undefined ? null : join(folder, name);
}

async function untilThere<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Those that have a directory in their environment or command line. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return ['environ', 'cmdline'].some((name) =>
        readFileSync(`/proc/${pid}/${name}`, 'latin1').includes(directory),
      );
    } catch {
      return false;
    }
  });
}
