/** Trees of children whose owner was killed, on the real machine: all that is marked ends, and nothing else. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { becomeOwner, childEnvironment } from '../../src/model/index.ts';
import type { Self } from '../../src/ports/index.ts';
import { Bench, eventually } from '../node/helpers.ts';

let marks: [string, unknown][];
let bench: Bench;
beforeEach(() => {
  marks = [];
  bench = new Bench({ onMark: (name, data) => marks.push([name, data]) });
});
afterEach(() => bench.end());

/** An owner that has been killed. */
async function killedOwner(): Promise<Self> {
  const child = bench.node('setInterval(() => {}, 1e6)');
  const { startTicks } = await bench.ports.process.info(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return { ...(await bench.ports.process.self()), pid: child.pid, startTicks };
}

/** A shell that starts these commands, and waits for them. @returns its PID, and theirs */
async function tree(env: Record<string, string>, ...commands: string[]): Promise<number[]> {
  const script = `echo $$; ${commands.map((command) => `${command} & echo $!`).join('; ')}; wait`;
  const shell = bench.node(
    `require('node:child_process').spawn('/bin/sh', ['-c', ${JSON.stringify(script)}], { stdio: ['ignore', 1, 'ignore'] })`,
    { env: { ...process.env, ...env } },
  );
  const pids: number[] = [shell.pid];
  for await (const line of createInterface({ input: shell.stdout! })) {
    pids.push(bench.track(Number(line)));
    if (pids.length === commands.length + 2) break;
  }
  return pids;
}

const isThere = (pid: number) =>
  bench.ports.process.info(pid).then(
    ({ state }) => state !== 'zombie',
    () => false,
  );

it('a successor ends what the children of a killed owner have started, but not what has no mark', async () => {
  const owner = await killedOwner();
  const directory = bench.path('state');
  const mark = childEnvironment(directory, owner);
  const marked = await tree(mark, 'sleep 1000', 'sleep 1001');
  const [, , released] = await tree({ ...mark, ONE_SURVIVOR_OWNER: '' }, 'sleep 1002');
  const [, , freed] = await tree(mark, 'env -u ONE_SURVIVOR_OWNER sleep 1003');
  const [, , others] = await tree(childEnvironment(bench.path('another'), owner), 'sleep 1004');
  // Until it is no longer a copy of the shell, it has the environment of the shell.
  await eventually(async () => (await bench.ports.process.info(freed!)).command[0] === 'sleep');

  const contest = await becomeOwner(bench.ports, { directory, endpoint: null });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  for (const pid of marked) expect(await isThere(pid)).toBe(false);
  for (const pid of [released!, freed!, others!]) expect(await isThere(pid)).toBe(true);
  expect(marks).toContainEqual(['spared', { pid: freed, why: expect.stringContaining('not marked') }]);

  // What the owner itself starts is marked, and stays while the owner is there.
  const child = await contest.owner.spawn(['sleep', '1005'], { env: { MORE: 'x' } });
  bench.track(child.pid);
  expect(await bench.ports.process.env(child.pid, 'ONE_SURVIVOR_OWNER')).toBe(
    contest.owner.childEnvironment.ONE_SURVIVOR_OWNER,
  );
  expect(await bench.ports.process.env(child.pid, 'MORE')).toBe('x');
  await contest.owner.tidy();
  expect(await isThere(child.pid)).toBe(true);
  await contest.owner.release();
});
