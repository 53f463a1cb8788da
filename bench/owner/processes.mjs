/** What owning costs whole processes: starts, takeovers, rest, imports. Ends all that it has started, by their handles. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './table.mjs';

const CONTENDER = join(import.meta.dirname, 'contender.mjs');
const ALL = ['owner tcp', 'owner unix', 'owner none', 'proper-lockfile', 'lockfile', 'flock', 'bind'];
const HAS_FLOCK = spawnSync('flock', ['--version']).status === 0;
const MEANS = ALL.filter((means) => means !== 'flock' || HAS_FLOCK);
/** Longer than any of them needs that takes over at all. */
const NEVER_MS = 40_000;

class Contender {
  said = null;
  ended = false;

  constructor(means, directory, port) {
    const words = [CONTENDER, means, directory, String(port)];
    const command =
      means === 'flock'
        ? ['flock', '-n', '-o', `${directory}.lock`, process.execPath, ...words]
        : [process.execPath, ...words];
    // flock(1) waits for its child: as a group they end together.
    this.child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.spoke = new Promise((resolve) => {
      this.child.stdout.once('data', (text) => {
        this.said = String(text).trim();
        this.atMs = performance.now();
        resolve();
      });
      this.over = new Promise((over) =>
        this.child.once('exit', () => {
          this.ended = true;
          over();
          resolve();
        }),
      );
    });
  }

  signal(signal) {
    if (!this.ended) process.kill(-this.child.pid, signal);
  }

  async end() {
    this.signal('SIGKILL');
    await this.over;
  }
}

async function withPlace(work) {
  const root = mkdtempSync(join(tmpdir(), 'one-survivor-bench-'));
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  try {
    return await work(join(root, 'state'), port);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Of children that have ended, in milliseconds. */
function cpuOfChildren() {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  // cutime and cstime, in ticks of 10 ms.
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

export async function starts(count, rounds) {
  const rows = [];
  for (const means of MEANS) {
    const firstMs = [];
    const cpuMs = [];
    let owners = 0;
    for (let round = 0; round < rounds; round++) {
      await withPlace(async (directory, port) => {
        const [beginMs, before] = [performance.now(), cpuOfChildren()];
        const all = Array.from({ length: count }, () => new Contender(means, directory, port));
        await Promise.all(all.map(({ spoke }) => spoke));
        const owning = all.filter(({ said }) => said === 'own');
        owners = Math.max(owners, owning.length);
        if (owning.length > 0) firstMs.push(Math.min(...owning.map(({ atMs }) => atMs)) - beginMs);
        await Promise.all(all.map((each) => each.end()));
        cpuMs.push(cpuOfChildren() - before);
      });
    }
    rows.push({
      means,
      'first serves ms': median(firstMs),
      'CPU ms': median(cpuMs),
      'most owners': String(owners),
    });
  }
  return rows;
}

/** All means side by side: most of the time they wait. */
export function takeover(signal, rounds) {
  return Promise.all(
    MEANS.map(async (means) => {
      const tookMs = [];
      let never = 0;
      const fates = new Set();
      for (let round = 0; round < rounds; round++) {
        await withPlace(async (directory, port) => {
          const first = new Contender(means, directory, port);
          await first.spoke;
          const beginMs = performance.now();
          first.signal(signal);
          let next = null;
          while (next?.said !== 'own' && performance.now() - beginMs < NEVER_MS) {
            await next?.end();
            next = new Contender(means, directory, port);
            await Promise.race([next.spoke, sleep(NEVER_MS)]);
            if (next.said !== 'own') await sleep(200);
          }
          if (next.said === 'own') tookMs.push(next.atMs - beginMs);
          else never++;
          await sleep(100);
          fates.add(first.ended ? 'ended' : 'there');
          await Promise.all([first.end(), next.end()]);
        });
      }
      return {
        means,
        ms: tookMs.length > 0 ? median(tookMs) : `never in ${NEVER_MS / 1_000} s`,
        'took over': `${tookMs.length} of ${tookMs.length + never}`,
        'former owner': [...fates].join(' or '),
      };
    }),
  );
}

/** Of all threads: how often they had to wait, and for how long they ran. */
function usage(pid) {
  let switches = 0;
  let ms = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const read = (name) => readFileSync(`/proc/${pid}/task/${thread}/${name}`, 'latin1');
    switches += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))[1]);
    ms += Number(read('schedstat').split(' ')[0]) / 1e6;
  }
  return { switches, ms };
}

export function idle(forMs) {
  return Promise.all(
    // What flock(1) starts does nothing.
    MEANS.filter((means) => means !== 'flock').map((means) =>
      withPlace(async (directory, port) => {
        const owner = new Contender(means, directory, port);
        await owner.spoke;
        await sleep(5_000);
        const before = usage(owner.child.pid);
        await sleep(forMs);
        const after = usage(owner.child.pid);
        const rssMiB =
          Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${owner.child.pid}/status`, 'latin1'))[1]) / 1_024;
        await owner.end();
        const seconds = forMs / 1_000;
        return {
          means,
          'wake-ups/s': (after.switches - before.switches) / seconds,
          'CPU ms/s': (after.ms - before.ms) / seconds,
          'RSS MiB': rssMiB,
        };
      }),
    ),
  );
}

export async function importing(times) {
  const rows = {
    'bare node': '',
    'one-survivor/owner': "import 'one-survivor/owner'",
    'proper-lockfile': "import 'proper-lockfile'",
    lockfile: "import 'lockfile'",
  };
  const seen = Object.fromEntries(Object.keys(rows).map((name) => [name, []]));
  for (let turn = 0; turn < times; turn++) {
    for (const [name, code] of Object.entries(rows)) {
      const script = `${code}\nconst { user, system } = process.cpuUsage(); console.log(user + system)`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        cwd: import.meta.dirname,
      });
      seen[name].push(Number(stdout) / 1_000);
    }
  }
  const bare = median(seen['bare node']);
  return Object.entries(seen).map(([means, all]) => ({
    means,
    'CPU ms': median(all),
    'over bare node': median(all) - bare,
  }));
}
