import { readFileSync } from 'node:fs';
import http from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { ownerOf, type Timing } from '../../src/model/index.ts';
import type { ProcessIdentity } from '../../src/ports/index.ts';
import { freePort, type RealProcess, type TraceRecord } from '../../src/real/index.ts';
import { type Arena, PATIENT } from './arena.ts';
import { arenaTest as it } from './fixture.ts';

/** Short enough for "within about 2 s", the seed's words, on a machine that has nothing else to do. */
const TIMING: Partial<Timing> = {
  probeEveryMs: 100,
  probeTimeoutMs: 400,
  failedProbes: 3,
  bootGraceMs: 550,
  leaseMs: 500,
  challengeMs: 600,
  termGraceMs: 150,
  killGraceMs: 300,
  selfCheckMs: 150,
  tidyEveryMs: 500,
};
const TAKEOVER_MS = 2_000;
/** On a machine that has: so late may everything be together, as far as we see it by ourselves. */
const CALM_MS = 100;
/** There an operation takes less, a question to another process too. */
const OPERATION_MS = 20;

/** By how much our own timers were late, in all. */
class Lateness {
  totalMs = 0;
  #timer: NodeJS.Timeout | null = null;

  begin(): void {
    this.totalMs = 0;
    let due = performance.now() + 20;
    this.#timer = setInterval(() => {
      this.totalMs += Math.max(0, performance.now() - due - 2);
      due = performance.now() + 20;
    }, 20);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

const lateness = new Lateness();
beforeAll(() => lateness.begin());
afterAll(() => lateness.end());

interface Browser {
  start(name: string, ...words: string[]): Promise<RealProcess>;
  chromeOf(session: RealProcess): ProcessIdentity | undefined;
}

async function browserOf(arena: Arena, timing: Partial<Timing> = TIMING): Promise<Browser> {
  const cdpPort = await freePort();
  const flags = ['--tcp-port', `${arena.tcpPort}`, '--cdp-port', `${cdpPort}`];
  const where = ['--directory', arena.state, ...flags, '--timing', JSON.stringify({ ...TIMING, ...timing })];
  return {
    start: (name, ...words) =>
      arena.run(name, [arena.script('fixtures/daemons/openchrome.ts'), ...where, '--', ...words]),
    chromeOf: (session) => {
      return arena.processes.descendants().find(({ pid }) => {
        const owner = ownerOf(wordsOf(pid), arena.state);
        return owner?.pid === session.pid && owner.startTicks === session.startTicks;
      });
    },
  };
}

function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** One message over what stands for a host's pipes. */
function tell(socketPath: string, method: string): Promise<{ error?: { code: number; data?: unknown } }[]> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { socketPath, path: '/', method: 'POST', agent: false, timeout: 30_000 },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(body.split('\n').map((line) => JSON.parse(line))));
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }));
  });
}

/** Alive, and without its Chrome, which it does not notice. */
async function halfZombie(arena: Arena, browser: Browser): Promise<RealProcess> {
  const zombie = await browser.start('zombie', '--hung-watchdog');
  await arena.eventually('its Chrome is up', () => arena.hasMarked(zombie, 'up'));
  expect(await arena.ask('/mcp')).toEqual({ status: 200, body: 'done' });
  const chrome = browser.chromeOf(zombie)!;
  process.kill(chrome.pid, 'SIGKILL');
  await arena.eventually(
    'it answers for nothing any more',
    async () => (await arena.ask('/health'))?.status === 503,
  );
  expect(zombie.ending).toBeNull();
  return zombie;
}

/** What a process that has little to do lost where the machine kept it waiting: longer than it slept, or than a calm one takes. */
function lateOf(trace: readonly TraceRecord[]): number {
  const late = trace.map(({ op, args, askedMs, atMs }) =>
    Math.max(0, atMs - askedMs! - (op === 'sleep' ? Number(args.ms) : OPERATION_MS)),
  );
  return late.reduce((sum, ms) => sum + ms, 0);
}

it('a half-zombie, alive and without its Chrome, is taken over within about 2 s; its Chrome is not left', async ({
  arena,
}) => {
  const browser = await browserOf(arena);
  const zombie = await halfZombie(arena, browser);

  lateness.totalMs = 0;
  const next = await browser.start('next');
  await arena.eventually('the next one owns', () => arena.hasMarked(next, 'own'));
  const trace = arena.trace(next);
  const owned = trace.findIndex(({ op, args }) => op === 'mark' && args.name === 'own');
  const tookMs = trace[owned]!.atMs - trace[0]!.atMs;
  const isCalm = lateness.totalMs + lateOf(trace.slice(0, owned)) < CALM_MS;
  // Its patience alone takes this long.
  expect(tookMs).toBeGreaterThan(TIMING.bootGraceMs! + TIMING.challengeMs!);
  if (isCalm) expect(tookMs).toBeLessThan(TAKEOVER_MS);

  const { code } = await arena.endOf(zombie);
  if (isCalm) expect(code).toBe(75);
  await arena.eventually('the next one’s Chrome is up', () => arena.hasMarked(next, 'up'));
  expect(await arena.ask('/mcp')).toEqual({ status: 200, body: 'done' });
  expect(browser.chromeOf(zombie)).toBeUndefined();
  expect(browser.chromeOf(next)).toBeDefined();
  expect(arena.processes.alive).toEqual([next]);
  const { owners, verdicts } = arena.judge();
  expect(owners.map(({ name }) => name)).toEqual(['next']);
  for (const { name, complaint } of verdicts) expect({ name, complaint }).toEqual({ name, complaint: null });
});

it('a half-zombie ends by itself when it is challenged and cannot answer', async ({ arena }) => {
  const browser = await browserOf(arena);
  const zombie = await halfZombie(arena, browser);
  const patient = await browserOf(arena, {
    ...PATIENT,
    challengeMs: 60_000,
    bootGraceMs: TIMING.bootGraceMs!,
  });
  const next = await patient.start('next');
  expect(await arena.endOf(zombie)).toMatchObject({ code: 75, signal: null });
  expect(arena.hasMarked(next, 'challenge')).toBe(true);
  expect(arena.hasMarked(next, 'evict')).toBe(false);
});

it('a refused session reports the reason to its host, and takes over when the owner is killed', async ({
  arena,
}) => {
  const browser = await browserOf(arena, PATIENT);
  const owner = await browser.start('owner');
  await arena.eventually('its Chrome is up', () => arena.hasMarked(owner, 'up'));
  const socket = `${arena.root}/stdio`;
  const refused = await browser.start('refused', `--stdio=${socket}`);
  await arena.eventually('it has been refused', () => arena.hasMarked(refused, 'degraded'));
  expect(await tell(socket, 'initialize')).toHaveLength(2);
  const [answer] = await tell(socket, 'tools/call');
  expect(answer!.error).toMatchObject({
    code: -32_000,
    data: { ownerPid: owner.pid, lockPath: arena.state },
  });

  const orphan = browser.chromeOf(owner)!;
  owner.signal('SIGKILL');
  await arena.endOf(owner);
  await arena.eventually('the other owns', () => arena.hasMarked(refused, 'promoted'));
  await arena.eventually('its Chrome is up', () => arena.hasMarked(refused, 'up'));
  expect(arena.processes.isAlive(orphan)).toBe(false);
  expect(await tell(socket, 'tools/call')).toMatchObject([{ result: {} }]);
  expect(arena.judge().owners.map(({ name }) => name)).toEqual(['refused']);
});
