import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Claim, parseClaim } from '../../src/model/index.ts';
import type { ProcessIdentity } from '../../src/ports/index.ts';
import { type RealProcess, tracePath } from '../../src/real/index.ts';
import { type Arena, TIMING } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

const HOOKS = 10;
const SEARCHES = 6;
const WORKERS = 4;
/** Long timeouts: two cores will be busy, and no takeover is needed here. */
const PATIENT = { ...TIMING, leaseMs: 20_000, bootGraceMs: 60_000, challengeMs: 10_000 };

/** Hooks that all come in the same moment. */
async function hooksAtOnce(arena: Arena, count: number, name: string): Promise<RealProcess[]> {
  const script = arena.script('fixtures/daemons/claude-mem.ts');
  const hooks: RealProcess[] = [];
  for (let number = 1; number <= count; number++) {
    const unique = `${name}${number}`;
    const words = ['hook', arena.state, `${arena.tcpPort}`, JSON.stringify(PATIENT)];
    hooks.push(
      await arena.processes.start({
        name: unique,
        command: [process.execPath, script, ...words],
        leash: true,
        env: { ONE_SURVIVOR_TRACE: tracePath(arena.traces, unique) },
      }),
    );
  }
  await arena.eventually('all hooks are ready', () => hooks.every(({ isReady }) => isReady));
  for (const hook of hooks) hook.go();
  await Promise.all(hooks.map((hook) => arena.endOf(hook)));
  return hooks;
}

function spawnsOf(arena: Arena, hooks: readonly RealProcess[]): number {
  return hooks.flatMap((hook) => arena.trace(hook)).filter(({ op }) => op === 'spawn').length;
}

/** The newest claim of a worker. */
function claimOf(arena: Arena): Claim | null {
  const directory = join(arena.state, 'worker');
  const newest = Math.max(
    ...readdirSync(directory).map((name) => Number(/^gen-(\d+)$/.exec(name)?.[1] ?? 0)),
  );
  return parseClaim(readFileSync(join(directory, `gen-${newest}`), 'utf8'));
}

/** The processes that live and play this part. */
function playing(arena: Arena, role: string): ProcessIdentity[] {
  return arena.processes.descendants().filter(({ pid }) => roleOf(pid) === role);
}

/** As patient as all that must come true here. */
async function ask(arena: Arena, path: string): Promise<{ status: number; body: string }> {
  const url = `http://127.0.0.1:${arena.tcpPort}${path}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENT.bootGraceMs) });
  return { status: answer.status, body: await answer.text() };
}

/** Of a process that has just ended: none. */
function roleOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[2];
  } catch {
    return undefined;
  }
}

/** One worker and its one chroma-mcp, whose claim is the newest and which answers by it. @returns the worker */
async function expectOneWorker(arena: Arena): Promise<ProcessIdentity> {
  await arena.eventually('chroma-mcp runs', () => playing(arena, 'chroma-mcp').length > 0);
  const workers = playing(arena, 'worker');
  expect(workers).toHaveLength(1);
  expect(playing(arena, 'chroma-mcp')).toHaveLength(1);
  expect(arena.processes.descendants()).toHaveLength(2);
  const claim = claimOf(arena);
  expect(claim).toMatchObject({ kind: 'owner', ...workers[0] });
  expect(await ask(arena, '/health')).toEqual({ status: 200, body: JSON.stringify({ nonce: claim!.nonce }) });
  return workers[0]!;
}

it('ten hooks at once: one worker; concurrent searches: one chroma-mcp; SIGHUP: a clean restart', async ({
  arena,
}) => {
  const hooks = await hooksAtOnce(arena, HOOKS, 'hook');
  expect(hooks.map(({ ending }) => ending?.code)).toEqual(Array(HOOKS).fill(0));
  expect(spawnsOf(arena, hooks)).toBe(1);
  expect(hooks.filter((hook) => arena.hasMarked(hook, 'spawned'))).toHaveLength(1);
  expect(hooks.filter((hook) => arena.hasMarked(hook, 'ready'))).toHaveLength(HOOKS - 1);
  const first = await expectOneWorker(arena);

  const answers = await Promise.all(Array.from({ length: SEARCHES }, () => ask(arena, '/api/search')));
  expect(answers.map(({ status }) => status)).toEqual(Array(SEARCHES).fill(200));
  expect(await expectOneWorker(arena)).toEqual(first);

  arena.processes.signal(first, 'SIGHUP');
  await arena.eventually('worker and chroma-mcp end', () => arena.processes.descendants().length === 0);
  expect(claimOf(arena)).toMatchObject({ kind: 'free', ...first });
  const again = await hooksAtOnce(arena, 2, 'again');
  expect(spawnsOf(arena, again)).toBe(1);
  expect(await expectOneWorker(arena)).not.toEqual(first);
});

it('workers at once: all but one exit with 0, and have started nothing', async ({ arena }) => {
  const script = arena.script('fixtures/daemons/claude-mem.ts');
  const words = [arena.state, `${arena.tcpPort}`, JSON.stringify(PATIENT)];
  const names = Array.from({ length: WORKERS }, (_, i) => `worker${i}`);
  const workers = await Promise.all(
    names.map((name) => arena.run(name, [script, 'traced-worker', ...words])),
  );
  await arena.eventually(
    'all but one end',
    () => workers.filter(({ ending }) => ending === null).length === 1,
  );
  const losers = workers.filter(({ ending }) => ending !== null);
  expect(losers.map(({ ending }) => ending?.code)).toEqual(Array(WORKERS - 1).fill(0));
  expect(spawnsOf(arena, losers)).toBe(0);
  await arena.eventually('chroma-mcp runs', () => playing(arena, 'chroma-mcp').length > 0);
  const [owner] = workers.filter(({ ending }) => ending === null);
  expect(spawnsOf(arena, workers)).toBe(1);
  expect(claimOf(arena)).toMatchObject({ kind: 'owner', pid: owner!.pid });
});
