import { describe, expect, it } from 'vitest';
import { becomeOwner, EXIT, healthBody, type OwnerOptions } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { daemon } from '../../src/systems/model/programs/daemon.ts';
import { claimText, DIRECTORY, ENDPOINT, FIRST, GONE, NFS, NONCE, run, sleeper, TIMING } from './helpers.ts';

const OPTIONS: OwnerOptions = { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING };

/** What becomes of a contender, in one line. */
async function outcome(ports: Ports, options: Partial<OwnerOptions> = {}): Promise<string> {
  const contest = await becomeOwner(ports, { ...OPTIONS, ...options });
  if (contest.kind === 'owner') return `owner of gen-${contest.owner.generation}`;
  return contest.kind === 'client' ? `client of PID ${contest.claim.pid}` : `blocked: ${contest.why}`;
}

/** Answers as the owner whose claim stands in the start state, or another. */
function answering(nonce: string, then: Program = sleeper): Program {
  return async (ports, argv) => {
    const listener = await ports.net.listen(ENDPOINT);
    void (async () => {
      for (;;) {
        const { request } = await ports.net.accept(listener);
        await ports.net.answer(request, { status: 200, body: healthBody(nonce) }).catch(() => {});
      }
    })();
    return then(ports, argv);
  };
}

/** Makes something in the state directory, long before the contender comes. */
async function prepared(prepare: (ports: Ports) => Promise<unknown>, options: Partial<OwnerOptions> = {}) {
  return run(async (ports, log) => {
    await ports.fs.mkdir(DIRECTORY, { recursive: true });
    await prepare(ports);
    log(await outcome(ports, options));
  });
}

describe('a contender that comes', () => {
  it('first is the owner, and the only one', async () => {
    const { lines, machine } = await run(async (ports, log) => {
      log(await outcome(ports));
      log((await ports.fs.readdir(DIRECTORY)).sort());
      log((await ports.fs.stat(DIRECTORY)).mode);
    });
    expect(lines).toEqual([
      'owner of gen-2',
      [expect.stringMatching(/^cert-1002-\d+-[0-9a-f]{8}$/), 'gen-1', 'gen-2'],
      0o700,
    ]);
    expect(machine.fs.toJSON()[`${DIRECTORY}/gen-2`]).toContain('"kind":"owner"');
  });

  it('becomes a client of an owner that answers', async () => {
    const { lines } = await run(async (ports, log) => log(await outcome(ports)), {
      programs: { sleeper: answering(NONCE) },
      files: { 'gen-4': claimText() },
    });
    expect(lines).toEqual([`client of PID ${FIRST.pid}`]);
  });

  it('is blocked by a silent owner of another user, and touches no process', async () => {
    const { lines, machine } = await run(
      async (ports, log) => {
        await ports.fs.chown(`${DIRECTORY}/gen-4`, 1_000, 1_000);
        log(await outcome(ports));
      },
      { files: { 'gen-4': claimText({ uid: 1_000 }) } },
    );
    expect(lines).toEqual([expect.stringMatching(/^blocked: .*the claim is of user 1000$/)]);
    expect(machine.table.all()[0]!.alive).toBe(true);
  });

  it('leaves a held lock without an endpoint immediately', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const beforeMs = await ports.clock.monotonicMs();
        log(await outcome(ports, { endpoint: null }));
        log((await ports.clock.monotonicMs()) - beforeMs < 100);
      },
      { files: { 'gen-4': claimText({ endpoint: null }) } },
    );
    expect(lines).toEqual([`client of PID ${FIRST.pid}`, true]);
  });

  it.each([
    ['a dead owner', GONE],
    ['an owner of before a restart', { bootId: 'before' }],
    ['an owner whose PID somebody else bears', { startTicks: 1 }],
    ['one that has given up', { kind: 'free' }],
  ] as const)('after %s takes over at once', async (_, differs) => {
    const { lines, machine } = await run(
      async (ports, log) => {
        const beforeMs = await ports.clock.monotonicMs();
        log(await outcome(ports));
        log((await ports.clock.monotonicMs()) - beforeMs < 100);
      },
      { files: { 'gen-4': claimText(differs) } },
    );
    expect(lines).toEqual(['owner of gen-6', true]);
    expect(machine.table.all()[0]!.alive).toBe(true);
  });

  it.each([
    [
      'of another host',
      { hostname: 'other', bootId: 'its own', filesystem: NFS },
      'neither answers nor can be judged',
    ],
    ['of another PID namespace', { pidNamespace: 'pid:[2]' }, 'neither answers nor can be judged'],
    ['whose PID bears another command', { command: ['other'] }, 'the claim names other$'],
  ] as const)('is blocked by a silent owner %s, and touches no process', async (_, differs, why) => {
    const { lines, machine } = await run(async (ports, log) => log(await outcome(ports)), {
      files: { 'gen-4': claimText(differs) },
    });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^blocked: .*${why}`))]);
    expect(machine.table.all()[0]!.alive).toBe(true);
  });

  it('becomes a client of an owner on another host that answers', async () => {
    const { lines } = await run(async (ports, log) => log(await outcome(ports)), {
      programs: { sleeper: answering(NONCE) },
      files: { 'gen-4': claimText({ hostname: 'other', bootId: 'its own' }) },
    });
    expect(lines).toEqual([`client of PID ${FIRST.pid}`]);
  });

  it('ends a silent owner, and becomes the owner', async () => {
    const { lines, machine } = await run(async (ports, log) => log(await outcome(ports)), {
      files: { 'gen-4': claimText() },
    });
    expect(lines).toEqual([expect.stringMatching(/^owner of gen-/)]);
    expect(machine.table.all()[0]!.exitSignal).toBe('SIGTERM');
  });

  it.each([
    ['another process of ours', 0, /is held by PID 1001 \(sleeper\), which is not ours$/],
    ["another user's process", 1_000, /is held by a process of user 1000$/],
  ])('is blocked if %s holds the TCP port, and withdraws its claim', async (_, uid, why) => {
    const { lines, machine } = await run(
      async (ports, log) => {
        await ports.clock.sleep(50);
        log(await outcome(ports));
      },
      { programs: { holder: answering('x') }, start: [{ program: 'holder', uid }] },
    );
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(why.source.replace('1001 \\(sleeper', '1002 \\(holder'))),
    ]);
    expect(machine.table.all()[1]!.alive).toBe(true);
    const claims = Object.entries(machine.fs.toJSON()).filter(([path]) => path.startsWith(`${DIRECTORY}/`));
    expect(claims.map(([, text]) => JSON.parse(text!).kind)).toEqual(['free']);
  });

  it.each([
    ['another answers for the owner', { uid: 1_000 }, 'ffffffffffffffff'],
    ['the owner answers that a challenge is about', { kind: 'challenge', challenges: NONCE }, NONCE],
  ] as const)('is not a client, and does not take over, if %s', async (_, differs, nonce) => {
    const { lines } = await run(
      async (ports, log) => {
        log(await outcome(ports));
        log(await ports.fs.readdir(DIRECTORY));
      },
      {
        programs: { sleeper: answering(nonce) },
        files: { 'gen-4': claimText({ nonce: NONCE.replace('a', 'b'), ...differs }) },
      },
    );
    expect(lines).toEqual([
      expect.stringMatching(/^blocked: .*neither answers nor can be judged/),
      ['gen-4'],
    ]);
  });

  it('waits until an owner that answers has repaired its unreadable claim', async () => {
    const { lines } = await run(
      async (ports, log) => {
        log(await outcome(ports));
        log(await ports.fs.readdir(DIRECTORY));
      },
      { programs: { sleeper: answering(NONCE) }, files: { 'gen-4': '{' } },
    );
    expect(lines).toEqual([
      expect.stringMatching(/^blocked: .*neither answers nor can be judged/),
      ['gen-4'],
    ]);
  });

  it('finds the same owner by another path', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.fs.symlink('/run', '/link');
        log(await outcome(ports, { directory: '/link/one' }));
      },
      { programs: { sleeper: answering(NONCE) }, files: { 'gen-4': claimText() } },
    );
    expect(lines).toEqual([`client of PID ${FIRST.pid}`]);
  });
});

describe('if something else has the name of the newest claim', () => {
  it.each<[string, (ports: Ports) => Promise<unknown>]>([
    ['a directory', ({ fs }) => fs.mkdir(`${DIRECTORY}/gen-3`)],
    ['a symbolic link to nowhere', ({ fs }) => fs.symlink('/nowhere', `${DIRECTORY}/gen-3`)],
    ['a symbolic link to itself', ({ fs }) => fs.symlink('gen-3', `${DIRECTORY}/gen-3`)],
    ['a socket', ({ net }) => net.listen({ kind: 'unix', path: `${DIRECTORY}/gen-3` })],
    ['a file of ten megabytes', ({ fs }) => fs.writeFile(`${DIRECTORY}/gen-3`, ' '.repeat(10_000_000))],
    ['nothing but control characters', ({ fs }) => fs.writeFile(`${DIRECTORY}/gen-3`, '\u0000\u001b[2J')],
  ])('%s: it is a claim that cannot be read, and is superseded in time', async (_, prepare) => {
    const { lines } = await prepared(prepare);
    expect(lines).toEqual([expect.stringMatching(/^owner of gen-[67]$/)]);
  });

  it('the highest possible number: blocked immediately', async () => {
    const { lines } = await prepared(({ fs }) => fs.writeFile(`${DIRECTORY}/gen-999999999999999`, ''));
    expect(lines).toEqual([expect.stringMatching(/^blocked: no generation can follow gen-999999999999999/)]);
  });

  it('reads only as much as a claim can have', async () => {
    const { run: ran } = await run(
      async (ports) => outcome(ports, { endpoint: null, timing: { patienceMs: 1 } }),
      {
        files: { 'gen-3': ' '.repeat(10_000_000) },
      },
    );
    expect(ran.machine.scheduler.steps).toBeLessThan(200);
  });
});

describe('the exit code of a daemon', () => {
  const program = daemon({ ...OPTIONS, helper: null });

  async function exitCodeOf(
    prepare: (ports: Ports) => Promise<unknown>,
    { uid = 0, directory = DIRECTORY } = {},
  ): Promise<number | null> {
    const { machine } = await run(
      async (ports) => {
        await prepare(ports);
        await ports.clock.sleep(10_000);
      },
      {
        programs: {
          daemon: directory === DIRECTORY ? program : daemon({ ...OPTIONS, directory, helper: null }),
        },
        start: [{ program: 'daemon', atMs: 50, uid }],
      },
    );
    return machine.table.all().find(({ name }) => name.startsWith('daemon'))!.exitCode;
  }

  it('that may not write the directory: 74', async () => {
    expect(await exitCodeOf(({ fs }) => fs.mkdir(DIRECTORY, { recursive: true }), { uid: 1_000 })).toBe(
      EXIT.stateUnusable,
    );
  });

  it('that may not read the directory: 74', async () => {
    const prepare = ({ fs }: Ports) => fs.mkdir(DIRECTORY, { recursive: true, mode: 0o700 });
    expect(await exitCodeOf(prepare, { uid: 1_000 })).toBe(EXIT.stateUnusable);
  });

  it('whose directory is a file, or below one: 74', async () => {
    const prepare = ({ fs }: Ports) => fs.writeFile('/file', '');
    expect(await exitCodeOf(prepare, { directory: '/file' })).toBe(EXIT.stateUnusable);
    expect(await exitCodeOf(prepare, { directory: '/file/one' })).toBe(EXIT.stateUnusable);
  });

  it('that finds a silent owner of another host: 69', async () => {
    const prepare = async ({ fs }: Ports) => {
      await fs.mkdir(DIRECTORY, { recursive: true });
      await fs.writeFile(
        `${DIRECTORY}/gen-1`,
        claimText({ hostname: 'other', bootId: 'its own', filesystem: NFS }),
      );
    };
    expect(await exitCodeOf(prepare)).toBe(EXIT.blocked);
  });

  it('that is asked to stop: 0', async () => {
    const prepare = async ({ clock, process }: Ports) => {
      await clock.sleep(1_000);
      for (const pid of await process.list()) {
        if ((await process.info(pid)).command[0] === 'daemon') await process.kill(pid, 'SIGTERM');
      }
    };
    expect(await exitCodeOf(prepare)).toBe(EXIT.done);
  });

  it('that is superseded: 75', async () => {
    const prepare = async ({ clock, fs }: Ports) => {
      await clock.sleep(1_000);
      await fs.writeFile(`${DIRECTORY}/gen-7`, claimText());
    };
    expect(await exitCodeOf(prepare)).toBe(EXIT.fenced);
  });
});
