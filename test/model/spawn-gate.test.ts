import { describe, expect, it } from 'vitest';
import { type Spawning, spawnOnce } from '../../src/model/index.ts';
import { hasCode, type Ports, type Program } from '../../src/ports/index.ts';
import { run, TIMING } from './helpers.ts';

const GATE = '/run/gate';
const READY_FILE = '/run/ready';
const STARTING_MS = 300;

/** Serves, so to speak, a moment after its start. */
const service: Program = async ({ clock, fs }) => {
  await clock.sleep(STARTING_MS);
  await fs.writeFile(READY_FILE, '');
  for (;;) await clock.sleep(60_000);
};

async function isReady({ fs }: Ports): Promise<boolean> {
  try {
    await fs.stat(READY_FILE);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function ensure(ports: Ports, command = 'service'): Promise<Spawning> {
  return spawnOnce(ports, {
    directory: GATE,
    isReady: () => isReady(ports),
    spawn: () => ports.process.spawn([command], { detached: true }),
    readyWithinMs: 2_000,
    patienceMs: 3_000,
    pollMs: 50,
    timing: TIMING,
  });
}

/** Writes down what it came to: processes share no memory. */
const hook: Program = async (ports) => {
  const { pid } = await ports.process.self();
  const { kind } = await ensure(ports);
  await ports.fs.writeFile(`/run/outcome-${pid}`, kind);
};

const OPTIONS = { programs: { service, hook }, files: { '/run': null } } as const;

async function outcomes({ fs }: Ports): Promise<string[]> {
  const names = (await fs.readdir('/run')).filter((name) => name.startsWith('outcome-'));
  return (await Promise.all(names.map((name) => fs.readFile(`/run/${name}`)))).sort();
}

async function services({ process }: Ports): Promise<number> {
  const commands = await Promise.all(
    (await process.list()).map(async (pid) => (await process.info(pid)).command),
  );
  return commands.filter(([word]) => word === 'service').length;
}

describe('the spawn gate', () => {
  it('lets one of many concurrent calls start the daemon; the others wait until it serves', async () => {
    const { lines, run: ran } = await run(
      async (ports, log) => {
        await ports.clock.sleep(5_000);
        log(await outcomes(ports));
        log(await services(ports));
      },
      { ...OPTIONS, start: [{ program: 'hook', count: 6 }] },
    );
    expect(lines).toEqual([['ready', 'ready', 'ready', 'ready', 'ready', 'spawned'], 1]);
    // Who holds the gate does not own the daemon.
    expect(ran.world.marks.has('own')).toBe(false);
    expect(ran.world.marks.get('gate-own')).toBeGreaterThan(0);
  });

  it('first checks whether the daemon serves', async () => {
    const { lines } = await run(
      async (ports, log) => {
        log(await ensure(ports, 'nothing of that name'));
        log(await ports.fs.readdir('/run'));
      },
      { files: { [READY_FILE]: '' } },
    );
    expect(lines).toEqual([{ kind: 'ready' }, ['ready']]);
  });

  it('checks again behind the gate, since another process may have just started it', async () => {
    const { lines } = await run(async (ports, log) => {
      let asked = 0;
      const outcome = await spawnOnce(ports, {
        directory: GATE,
        isReady: async () => ++asked > 1,
        spawn: () => ports.process.spawn(['service']),
      });
      log(outcome);
      log(await services(ports));
    }, OPTIONS);
    expect(lines).toEqual([{ kind: 'ready' }, 0]);
  });

  it('is taken over at once from one that was killed', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.clock.sleep(100);
        // The service too: it was only just being started.
        for (const pid of [1_002, 1_004]) await ports.process.kill(pid, 'SIGKILL');
        const beginMs = await ports.clock.monotonicMs();
        log(await ensure(ports));
        log((await ports.clock.monotonicMs()) - beginMs < STARTING_MS + 200);
      },
      { ...OPTIONS, start: [{ program: 'hook' }] },
    );
    expect(lines).toEqual([{ kind: 'spawned' }, true]);
  });

  it('is passed after patienceMs if its holder is stopped', async () => {
    const { lines, run: ran } = await run(
      async (ports, log) => {
        await ports.clock.sleep(100);
        await ports.process.kill(1_002, 'SIGSTOP');
        await ports.process.kill(1_004, 'SIGKILL');
        const beginMs = await ports.clock.monotonicMs();
        log(await ensure(ports));
        const tookMs = (await ports.clock.monotonicMs()) - beginMs;
        log(tookMs > 3_000 && tookMs < 4_500);
        await ports.process.kill(1_002, 'SIGCONT');
      },
      { ...OPTIONS, start: [{ program: 'hook' }] },
    );
    expect(lines).toEqual([{ kind: 'spawned' }, true]);
    expect(ran.world.marks.get('gate-passed')).toBe(1);
  });

  it('fails open: if its directory cannot be created, every call starts a daemon', async () => {
    const { lines, run: ran } = await run(async (ports, log) => log(await ensure(ports)), {
      ...OPTIONS,
      files: { [GATE]: 'a file' },
    });
    expect(lines).toEqual([{ kind: 'spawned' }]);
    expect(ran.world.marks.get('gate-passed')).toBe(1);
  });

  it.each([
    [
      'says at once that it has ended, and how',
      async () => 3,
      { kind: 'ended', status: { code: 3, signal: null } },
      200,
    ],
    [
      'waits after an end with 0: another serves, perhaps not yet',
      async () => 0,
      { kind: 'ended', status: { code: 0, signal: null } },
      2_200,
    ],
    [
      'is silent',
      async ({ clock }: Ports) => {
        await clock.sleep(60_000);
      },
      { kind: 'silent' },
      2_200,
    ],
  ] as const)('a daemon that never serves: %s', async (_, broken: Program, outcome, withinMs) => {
    const { lines, run: ran } = await run(
      async (ports, log) => {
        const beginMs = await ports.clock.monotonicMs();
        log(await ensure(ports, 'broken'));
        const tookMs = (await ports.clock.monotonicMs()) - beginMs;
        log(tookMs <= withinMs && tookMs > withinMs - 300);
        // The gate is free again.
        log(await ensure(ports));
      },
      { ...OPTIONS, programs: { service, broken } },
    );
    expect(lines).toEqual([outcome, true, { kind: 'spawned' }]);
    expect(ran.world.marks.has('gate-passed')).toBe(false);
  });
});
