import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type DaemonStatus, parseStatus, STATUS_PATH } from '../../src/model/index.ts';
import type { ProcessIdentity } from '../../src/ports/index.ts';
import { type RealProcess, tracePath } from '../../src/real/index.ts';
import { STARTS } from '../../src/systems/mcporter/constants.ts';
import { type Arena, PATIENT, TIMING } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

/** `daemon start`, on a leash. */
function prepare(arena: Arena, role: 'host' | 'start', name: string): Promise<RealProcess> {
  const options = {
    directory: arena.state,
    metadataPath: join(arena.root, 'daemon.json'),
    configPath: configOf(arena),
    timing: { ...TIMING, ...PATIENT },
    bind: { probeTimeoutMs: 5_000, stopWithinMs: 20_000, pollMs: 100 },
    closeMs: 0,
    callMs: 0,
  };
  return arena.processes.start({
    name,
    command: [
      process.execPath,
      arena.script('fixtures/daemons/mcporter.ts'),
      role,
      JSON.stringify(options),
      '--leash',
    ],
    leash: true,
    env: { ONE_SURVIVOR_TRACE: tracePath(arena.traces, name) },
  });
}

async function start(arena: Arena, role: 'host' | 'start', name: string): Promise<RealProcess> {
  const process = await prepare(arena, role, name);
  process.go();
  return process;
}

/** In the same moment. */
async function startAtOnce(arena: Arena, role: 'host' | 'start'): Promise<RealProcess[]> {
  const starts: RealProcess[] = [];
  for (let number = 1; number <= STARTS; number++) {
    starts.push(await prepare(arena, role, `${role}#${number}`));
  }
  await arena.eventually('all are ready', () => starts.every(({ isReady }) => isReady));
  for (const process of starts) process.go();
  return starts;
}

function configOf(arena: Arena): string {
  return join(arena.root, 'mcporter.json');
}

function metadataOf(arena: Arena): DaemonStatus | null {
  try {
    return parseStatus(readFileSync(join(arena.root, 'daemon.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** The status of the daemon with the newest claim; `null` if there is no answer. */
function statusOf(arena: Arena): Promise<DaemonStatus | null> {
  const endpoint = arena.head()?.endpoint;
  if (endpoint?.kind !== 'unix') return Promise.resolve(null);
  return new Promise((resolve) => {
    const request = http.get(
      { socketPath: endpoint.path, path: STATUS_PATH, agent: false, timeout: 20_000 },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(parseStatus(body)));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** This process alone answers at the newest claim, and the metadata name it. */
async function expectServes(arena: Arena, { pid, startTicks }: ProcessIdentity): Promise<void> {
  await arena.eventually(`PID ${pid} serves`, async () => (await statusOf(arena))?.pid === pid);
  await arena.eventually(`the metadata name PID ${pid}`, () => metadataOf(arena)?.pid === pid);
  expect(metadataOf(arena)).toEqual(await statusOf(arena));
  expect(await statusOf(arena)).toMatchObject({ pid, startTicks });
}

it('of five foreground starts at once one survives, and serves; the others leave with 0', async ({
  arena,
}) => {
  writeFileSync(configOf(arena), '{}');
  const starts = await startAtOnce(arena, 'host');
  await arena.eventually('four leave', () => arena.processes.alive.length === 1);
  const [survivor] = arena.processes.alive;
  await expectServes(arena, survivor!);
  const codes = starts.filter((process) => process !== survivor).map(({ ending }) => ending?.code);
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(arena.processes.descendants()).toEqual([]);
  expect(arena.judge()).toMatchObject({ holds: true });
});

it('of five detached starts at once one daemon is left, and all five find it', async ({ arena }) => {
  writeFileSync(configOf(arena), '{}');
  const starts = await startAtOnce(arena, 'start');
  for (const process of starts) expect(await arena.endOf(process)).toMatchObject({ code: 0, signal: null });
  await arena.eventually('four hosts leave', () => arena.processes.descendants().length === 1);
  await expectServes(arena, arena.processes.descendants()[0]!);
});

it('an edit of the configuration: the next start stops the daemon, waits for its end, and serves', async ({
  arena,
}) => {
  writeFileSync(configOf(arena), '{}');
  const first = await start(arena, 'host', 'first');
  await expectServes(arena, first);
  // Whatever the granularity of the filesystem's times.
  utimesSync(configOf(arena), 1, 1);
  const second = await start(arena, 'host', 'second');
  expect(await arena.endOf(first)).toMatchObject({ code: 0, signal: null });
  await expectServes(arena, second);
  expect(arena.hasMarked(second, 'stop-stale')).toBe(true);
  const third = await start(arena, 'host', 'third');
  expect(await arena.endOf(third)).toMatchObject({ code: 0, signal: null });
  expect(arena.judge()).toMatchObject({ holds: true });
});
