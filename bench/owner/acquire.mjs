/** Acquire and release, many times in one process, all means in turn: what disturbs one disturbs the others. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import lockfile from 'lockfile';
import { becomeOwner, runProgram } from 'one-survivor/owner';
import properLockfile from 'proper-lockfile';
import { median } from './table.mjs';

const WARM_UP = 10;

/** The ports of the real machine, which `runProgram` gives to a program. */
function realPorts() {
  return new Promise((resolve) =>
    runProgram((ports) => {
      resolve(ports);
      return new Promise(() => {});
    }, []),
  );
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @returns {Promise<Record<string, string | number>[]>} wall clock and CPU time of all threads, in milliseconds */
export async function acquireAndRelease(times) {
  const ports = await realPorts();
  const root = mkdtempSync(join(tmpdir(), 'one-survivor-bench-'));
  const port = await freePort();
  const owns = (name, endpoint) => async () => {
    const contest = await becomeOwner(ports, { directory: join(root, name), endpoint });
    if (contest.kind !== 'owner') throw new Error(`${contest.kind}: ${contest.why}`);
    await contest.owner.release();
  };
  for (const name of ['proper-lockfile', 'lockfile']) mkdirSync(join(root, name));
  const means = {
    'owner tcp': owns('tcp', { kind: 'tcp', host: '127.0.0.1', tcpPort: port }),
    'owner unix': owns('unix', 'unix'),
    'owner none': owns('none', null),
    'proper-lockfile': async () => (await properLockfile.lock(join(root, 'proper-lockfile')))(),
    lockfile: async () => {
      const path = join(root, 'lockfile/lock');
      await promisify(lockfile.lock)(path, {});
      await promisify(lockfile.unlock)(path);
    },
    'flock(1), a process each': () => {
      if (spawnSync('flock', ['-n', join(root, 'flock'), 'true']).status !== 0) throw new Error('flock');
    },
    'bind tcp': async () => {
      const server = createServer();
      await new Promise((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve));
      await new Promise((resolve) => server.close(resolve));
    },
  };
  if (spawnSync('flock', ['--version']).status !== 0) delete means['flock(1), a process each'];
  const seen = Object.fromEntries(Object.keys(means).map((name) => [name, []]));
  for (let turn = 0; turn < times + WARM_UP; turn++) {
    for (const [name, act] of Object.entries(means)) {
      const before = [performance.now(), process.cpuUsage()];
      await act();
      const { user, system } = process.cpuUsage(before[1]);
      if (turn >= WARM_UP) seen[name].push([performance.now() - before[0], (user + system) / 1_000]);
    }
  }
  rmSync(root, { recursive: true });
  return Object.entries(seen).map(([means, all]) => ({
    means,
    'wall ms': median(all.map(([wall]) => wall)),
    'CPU ms': median(all.map(([, cpu]) => cpu)),
  }));
}
