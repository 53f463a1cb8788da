/** Owners at one Unix path, on the real machine. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { becomeOwner } from '../../src/model/index.ts';
import { Bench, eventually } from '../node/helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

function start(path: string) {
  const timing = { patienceMs: 100, probeEveryMs: 10 };
  return becomeOwner(bench.ports, {
    directory: bench.path('state'),
    endpoint: { kind: 'unix', path },
    timing,
  });
}

it('the next owner replaces the name that a killed one has left, and removes it when it leaves', async () => {
  const path = bench.path('daemon.sock');
  const child = bench.node(`require('node:net').createServer().listen(${JSON.stringify(path)})`);
  await eventually(() => existsSync(path));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(existsSync(path)).toBe(true);
  const contest = await start(path);
  if (contest.kind !== 'owner') throw new Error(JSON.stringify(contest));
  await bench.ports.probe.connect({ kind: 'unix', path }, 5_000);
  await contest.owner.release();
  expect(existsSync(path)).toBe(false);
});

it('a socket at which something listens stays, and so does a file', async () => {
  const path = bench.path('daemon.sock');
  const listener = await bench.ports.net.listen({ kind: 'unix', path });
  expect(await start(path)).toMatchObject({ kind: 'blocked', why: expect.stringContaining('is in use') });
  await bench.ports.probe.connect({ kind: 'unix', path }, 5_000);
  await bench.ports.net.close(listener);

  mkdirSync(bench.path('files'));
  const file = bench.path('files/daemon.sock');
  writeFileSync(file, 'precious');
  expect(await start(file)).toMatchObject({ kind: 'blocked' });
  expect(readFileSync(file, 'utf8')).toBe('precious');
});

it('a socket of a PID that is not here stays as long as something listens there', async () => {
  const directory = bench.path('state');
  const contest = await becomeOwner(bench.ports, { directory, endpoint: null });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  // As that of a process in another container: its PID is above any pid_max.
  const path = `${directory}/sock-5000000-5-ab`;
  const child = bench.node(`require('node:net').createServer().listen(${JSON.stringify(path)})`);
  await eventually(() =>
    bench.ports.probe.connect({ kind: 'unix', path }, 5_000).then(
      () => true,
      () => false,
    ),
  );
  await contest.owner.tidy();
  expect(existsSync(path)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await contest.owner.tidy();
  expect(existsSync(path)).toBe(false);
  await contest.owner.release();
});
