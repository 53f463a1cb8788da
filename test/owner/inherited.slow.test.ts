/** Owners on the real machine that have inherited the mark of another owner, and what they start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { becomeOwner, childEnvironment } from '../../src/model/index.ts';
import type { Self } from '../../src/ports/index.ts';
import { Bench, firstLine, isAlive } from '../node/helpers.ts';
import { tsc } from '../tsc.ts';

let marks: [string, unknown][];
let bench: Bench;
beforeEach(() => {
  marks = [];
  bench = new Bench({ onMark: (name, data) => marks.push([name, data]) });
});
afterEach(() => bench.end());

/** Starts a child, owns, starts another one, and releases at the end of its input. It prints their PIDs. */
const DAEMON = `
import { spawn } from 'node:child_process';
import { becomeOwner, runProgram } from './owner/index.js';
const sleep = () => spawn('sleep', ['1000'], { stdio: 'ignore' }).pid;
runProgram(async (ports) => {
  const before = sleep();
  const contest = await becomeOwner(ports, { directory: process.argv[2], endpoint: null });
  console.log([contest.kind, before, sleep()].join(' '));
  await new Promise((resolve) => process.stdin.on('end', resolve).resume());
  await contest.owner.release();
}, []);
`;

function compiled(): string {
  const out = bench.path('compiled');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  symlinkSync(resolve('node_modules'), join(out, 'node_modules'));
  tsc(['src/owner/index.ts'], 'src', out);
  const program = join(out, 'daemon.js');
  writeFileSync(program, DAEMON);
  return program;
}

async function startDaemon(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; pid: number; before: number; after: number }> {
  const child = spawn(process.execPath, [compiled(), bench.path('other')], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  bench.track(child.pid!);
  const [kind, before, after] = (await firstLine(child)).split(' ');
  expect(kind).toBe('owner');
  for (const pid of [before, after]) bench.track(Number(pid));
  return { child, pid: child.pid!, before: Number(before), after: Number(after) };
}

const exemptIn = (directory: string) => readdirSync(directory).filter((name) => name.startsWith('exempt-'));

it('what a child of a killed owner has started and owns elsewhere is not ended, nor is what that has started', async () => {
  const directory = bench.path('state');
  mkdirSync(directory, { mode: 0o700 });
  const killed = bench.node('setInterval(() => {}, 1e6)');
  const { startTicks } = await bench.ports.process.info(killed.pid);
  const owner: Self = { ...(await bench.ports.process.self()), pid: killed.pid, startTicks };
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const mark = childEnvironment(directory, owner);
  const orphan = bench.node('setInterval(() => {}, 1e6)', { env: { ...process.env, ...mark } });
  const { child, pid, before, after } = await startDaemon(mark);
  expect(exemptIn(directory)).toHaveLength(1);
  // What it starts as an owner has no mark of another owner.
  expect(await bench.ports.process.env(before, 'ONE_SURVIVOR_OWNER')).not.toBe(null);
  expect(await bench.ports.process.env(after, 'ONE_SURVIVOR_OWNER')).toBe(null);

  const contest = await becomeOwner(bench.ports, { directory, endpoint: null });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  await contest.owner.tidy();
  expect(isAlive(orphan.pid)).toBe(false);
  for (const one of [pid, before, after]) expect(isAlive(one)).toBe(true);
  const spared = marks.filter(([name]) => name === 'spared').map(([, data]) => (data as { pid: number }).pid);
  expect(new Set(spared)).toEqual(new Set([pid, before]));

  child.stdin!.end();
  await once(child, 'exit');
  expect(exemptIn(directory)).toEqual([]);
  await contest.owner.release();
});

it('nothing is written into a directory that others can write', async () => {
  const directory = bench.path('state');
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  const gone = { pid: 2 ** 22 - 1, startTicks: 1 };
  const mark = childEnvironment(directory, { ...(await bench.ports.process.self()), ...gone });
  const { child } = await startDaemon(mark);
  expect(readdirSync(directory)).toEqual([]);
  child.stdin!.end();
  await once(child, 'exit');
});

it('a child that an owner has started itself is its child, whatever it owns elsewhere', async () => {
  const directory = bench.path('state');
  mkdirSync(directory, { mode: 0o700 });
  const { child, after } = await startDaemon(childEnvironment(directory, await bench.ports.process.self()));
  expect(exemptIn(directory)).toEqual([]);
  expect(await bench.ports.process.env(after, 'ONE_SURVIVOR_OWNER')).not.toBe(null);
  child.stdin!.end();
  await once(child, 'exit');
});
