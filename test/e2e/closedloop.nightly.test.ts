import { expect } from 'vitest';
import type { RealProcess } from '../../src/real/index.ts';
import type { Arena } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

const MARKER = 'agent-monitor/server/index.js';
const NOBODY = 65_534;

/** An app on this arena's TCP port. */
function startApp(arena: Arena, name: string, ...argv: string[]): Promise<RealProcess> {
  const script = arena.script('fixtures/daemons/closedloop.ts');
  return arena.run(name, [script, 'app', `${arena.tcpPort}`, arena.state, ...argv]);
}

/** The PID of the sidecar that serves; `null` if there is none. */
async function monitor(arena: Arena): Promise<number | null> {
  const answer = await arena.ask('/api/health');
  return answer?.status === 200 ? Number(answer.body) : null;
}

/** Its sidecar serves, and it knows that. */
async function untilServes(arena: Arena, app: RealProcess): Promise<number> {
  await arena.eventually(`${app.name} is ready`, () => arena.hasMarked(app, 'ready'));
  const pid = await monitor(arena);
  expect(pid).not.toBeNull();
  return pid!;
}

it('the sidecar of a crashed app is ended at the next start', async ({ arena }) => {
  const first = await startApp(arena, 'first');
  const orphan = await untilServes(arena, first);
  first.signal('SIGKILL');
  await arena.endOf(first);
  expect(await monitor(arena)).toBe(orphan);

  const second = await startApp(arena, 'second');
  const pid = await untilServes(arena, second);
  expect(pid).not.toBe(orphan);
  expect(arena.hasMarked(second, 'reclaimed')).toBe(true);
  expect(arena.processes.descendants().map((process) => process.pid)).toEqual([pid]);
  expect(arena.judge()).toMatchObject({ holds: true });

  second.signal('SIGTERM');
  expect(await arena.endOf(second)).toMatchObject({ code: 0 });
  expect(arena.names()).toEqual([]);
  await arena.eventually('its sidecar ends', () => arena.processes.descendants().length === 0);
});

it('the sidecar of a live app is kept if the user refuses', async ({ arena }) => {
  const first = await startApp(arena, 'first');
  const pid = await untilServes(arena, first);
  const second = await startApp(arena, 'second');
  await arena.eventually('the second one knows that it is blocked', () =>
    arena.hasMarked(second, 'blocked-live'),
  );
  expect(await monitor(arena)).toBe(pid);
  expect(arena.processes.alive).toEqual([first, second]);
  expect(arena.processes.descendants().map((process) => process.pid)).toEqual([pid]);
  expect(arena.trace(second).filter(({ op }) => op === 'spawn' || op === 'kill')).toEqual([]);
  expect(arena.judge()).toMatchObject({ holds: true });
});

it('the sidecar is ended if the user agrees, and its app does not compete for the TCP port', async ({
  arena,
}) => {
  const first = await startApp(arena, 'first');
  const pid = await untilServes(arena, first);
  const second = await startApp(arena, 'second', 'consents');
  expect(await untilServes(arena, second)).not.toBe(pid);
  await arena.eventually('the first one knows that it is blocked', () =>
    arena.hasMarked(first, 'blocked-live'),
  );
  expect(arena.judge()).toMatchObject({ holds: true });
});

/** As root, this shows that the marker alone does not make a process ours. */
const FOREIGN = [
  { what: 'of another command', becomes: '', words: [] as string[] },
  ...(process.getuid?.() === 0
    ? [{ what: 'of another user', becomes: `process.setuid(${NOBODY});`, words: ['sidecar', MARKER] }]
    : []),
];

it.for(FOREIGN)(
  'a holder $what on 0.0.0.0 is named, and left alone',
  async ({ becomes, words }, { arena }) => {
    const script = `${becomes} require('node:http').createServer((_, response) => response.end('hello'))
    .listen(${arena.tcpPort}, '0.0.0.0', () => console.log('up'))`;
    const command = [process.execPath, '-e', script, ...words];
    const stranger = await arena.processes.start({ name: 'stranger', command, foreign: true });
    await arena.eventually('the stranger listens', () => stranger.output === 'up\n');

    const app = await startApp(arena, 'app');
    await arena.eventually('it gives up', () => arena.hasMarked(app, 'gave-up'));
    const told = arena.trace(app).find(({ op, args }) => op === 'mark' && args.name === 'says-foreign');
    expect(JSON.stringify(told?.args)).toContain(`PID ${stranger.pid}`);
    expect(stranger.ending).toBeNull();
    expect(await arena.ask('/')).toEqual({ status: 200, body: 'hello' });
    expect(arena.trace(app).filter(({ op }) => op === 'kill')).toEqual([]);
  },
);
