// Invariants of programs that mark nothing: each holds of one program, and is violated by another.
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { hasCode, type Ports, type Program } from '../../src/ports/index.ts';
import {
  answererIsNamed,
  everyStartDecides,
  type Invariant,
  noLeftovers,
  noOrphans,
  type Owner,
  oneOwnerAtATime,
  recovers,
  type ScenarioOptions,
  scenario,
  survivors,
} from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const PORT = 7_000;
const PID_FILE = '/run/daemon.pid';
const SOCKET = '/run/daemon.sock';
const ON_PORT: Owner = { listensOn: { tcpPort: PORT } };
const ON_SOCKET: Owner = { listensOn: { path: SOCKET } };
const FILES = { '/run': null };
const FOR_EVER_MS = 1e9;

async function isListening({ net }: Ports, tcpPort = PORT): Promise<boolean> {
  try {
    await net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort });
    return true;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

/** Ends if the port is taken. */
const sound: Program = async (ports) => {
  if (!(await isListening(ports))) return;
  await ports.fs.writeFile(PID_FILE, String((await ports.process.self()).pid));
  await ports.clock.sleep(FOR_EVER_MS);
};

/** Removes whatever socket there is, and listens. */
const unlinks: Program = async ({ fs, net, clock }) => {
  await fs.unlink(SOCKET).catch(() => {});
  await net.listen({ kind: 'unix', path: SOCKET });
  await clock.sleep(FOR_EVER_MS);
};

/** Looks for a PID file, and writes it. */
const checksFirst: Program = async ({ fs, process, clock }) => {
  if (await fs.exists(PID_FILE)) return;
  await fs.writeFile(PID_FILE, String((await process.self()).pid));
  await clock.sleep(FOR_EVER_MS);
};

/** What is wrong in the dull run; `null` if nothing is. */
async function wrong(
  program: Program | Record<string, Program>,
  owner: Owner,
  invariant: Invariant,
  more: Partial<ScenarioOptions> = {},
): Promise<string | null> {
  const programs = typeof program === 'function' ? { daemon: program } : program;
  const { failure } = await runOnce(
    scenarioOf(programs, { owner, invariants: [invariant], machine: { files: FILES }, ...more }),
  );
  if (failure !== null) expect(failure.invariant).toBe(invariant.name);
  return failure?.message ?? null;
}

/** The verdict of a short search. */
async function verdictOf(
  program: Program,
  owner: Owner,
  invariant: Invariant,
  more: Partial<ScenarioOptions> = {},
) {
  const of = scenarioOf(
    { daemon: program },
    {
      owner,
      invariants: [invariant],
      machine: { files: FILES },
      start: [{ program: 'daemon', count: 2 }],
      ...more,
    },
  );
  const { verdict, violations, reason } = await check(of, { seed: 1, runs: 100, isolation: false });
  return { verdict, message: violations[0]?.message ?? reason };
}

const TWICE = { start: [{ program: 'daemon', count: 2 }] };

describe('at most one process is the owner', () => {
  it('is violated by two that listen under the same name', async () => {
    expect(await wrong(unlinks, ON_SOCKET, oneOwnerAtATime(), TWICE)).toBe(
      '2 owners at once: daemon#1 and daemon#2',
    );
  });

  it('holds of a TCP port, which only one can have', async () => {
    expect(await verdictOf(sound, ON_PORT, oneOwnerAtATime())).toMatchObject({ verdict: 'passed' });
  });

  it('proves nothing where no owner was seen', async () => {
    const { verdict, message } = await verdictOf(sound, { listensOn: { tcpPort: 1 } }, oneOwnerAtATime());
    expect([verdict, message]).toEqual(['inconclusive', expect.stringContaining('an owner was seen')]);
  });

  it('counts processes that share a socket as one owner', async () => {
    const worker: Program = ({ clock }) => clock.sleep(FOR_EVER_MS).then(() => 0);
    const shares: Program = async (ports) => {
      const fd = await ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: PORT });
      await ports.process.spawn(['worker'], { inherit: [fd] });
      await ports.clock.sleep(FOR_EVER_MS);
    };
    const start = [{ program: 'daemon' }];
    expect(await wrong({ daemon: shares, worker }, ON_PORT, oneOwnerAtATime(), { start })).toBeNull();
  });
});

describe('how an owner is known', () => {
  const ownersOf = async (owner: Owner, program = sound) => {
    const { run } = await runOnce(
      scenarioOf({ daemon: program }, { owner, invariants: [], machine: { files: FILES }, ...TWICE }),
    );
    return run.world.owners.map(({ name }) => name);
  };

  it.each<[string, Owner, string[]]>([
    ['by its port', ON_PORT, ['daemon#1']],
    ['by a URL', { answers: `http://localhost:${PORT}/health` }, ['daemon#1']],
    ['by a file', { isNamedIn: PID_FILE }, ['daemon#1']],
    ['by a function', { matches: ({ processes }) => processes }, ['daemon#1']],
    ['by all of several', { all: [ON_PORT, { isNamedIn: PID_FILE }] }, ['daemon#1']],
    ['not by one of several', { all: [ON_PORT, { isNamedIn: '/nothing' }] }, []],
    ['not by another port', { listensOn: { tcpPort: 1 } }, []],
  ])('%s', async (_, owner, expected) => {
    expect(await ownersOf(owner)).toEqual(expected);
  });

  it('by a socket: both that listen under its name', async () => {
    expect(await ownersOf(ON_SOCKET, unlinks)).toEqual(['daemon#1', 'daemon#2']);
  });

  it('never is one that is not of the system', async () => {
    const start = [{ program: 'daemon', foreign: true }];
    const { run } = await runOnce(
      scenarioOf({ daemon: sound }, { owner: ON_PORT, start, machine: { files: FILES } }),
    );
    expect(run.world.owners).toEqual([]);
    expect(run.world.observation.listeningAt({ tcpPort: PORT })).toEqual([]);
  });

  it('is checked, and has to be said if an invariant asks for it', () => {
    const of =
      (owner: unknown, invariants: Invariant[] = []) =>
      () =>
        scenario({
          id: 'a/b/c',
          programs: { sound },
          start: [{ program: 'sound' }],
          invariants,
          owner: owner as Owner,
        });
    expect(of({ listensOn: 7_000 })).toThrow(
      /owner\.listensOn: got 7000, expected how an owner is known: \{ listensOn/,
    );
    expect(of({ answers: 'localhost' })).toThrow(/owner.* got/);
    expect(of(undefined, [recovers()])).toThrow(
      'the invariant "a new start recovers after the faults" asks who the owner is, and the scenario does not say how an owner is known: add the option owner',
    );
    expect(of(undefined, [survivors()])).not.toThrow();
  });
});

describe('exactly one process is left', () => {
  it('is violated by two that check before they act', async () => {
    const { verdict, message } = await verdictOf(checksFirst, { isNamedIn: PID_FILE }, survivors());
    expect([verdict, message]).toEqual([
      'violated',
      '2 processes are left, daemon#1 and daemon#2; expected 1',
    ]);
  });

  it('holds of one that ends if the port is taken', async () => {
    expect(await verdictOf(sound, ON_PORT, survivors())).toMatchObject({ verdict: 'passed' });
  });

  it('is violated if none is left, or one that is stopped, or another number than expected', async () => {
    expect(await wrong(async () => 0, ON_PORT, survivors())).toBe('no process is left; expected 1');
    const stops: Program = async ({ process, clock }) => {
      void process.kill((await process.self()).pid, 'SIGSTOP');
      await clock.sleep(FOR_EVER_MS);
    };
    expect(await wrong(stops, ON_PORT, survivors())).toBe('daemon#1 is left, and it is stopped');
    expect(await wrong(sound, ON_PORT, survivors({ expect: 2 }))).toBe(
      '1 process is left, daemon#1; expected 2',
    );
    expect(await wrong(sound, ON_PORT, survivors({ expect: 0, program: 'other' }))).toBeNull();
    expect(await wrong(sound, ON_PORT, survivors({ expect: 2 }), TWICE)).toContain('expected 2');
    expect(() => survivors({ expect: 0.5 })).toThrow(
      'survivors: expect: got 0.5: expected a whole number from 0',
    );
  });
});

describe('after a fault, none left', () => {
  const verdict = (invariant: Invariant, start: ScenarioOptions['start']) =>
    check(
      scenarioOf(
        { daemon: checksFirst },
        { invariants: [invariant], start, faults: { kill: 1 }, machine: { files: FILES, busyMs: 0 } },
      ),
      { seed: 1, runs: 100, isolation: false },
    ).then(({ verdict, violations }) => [verdict, violations[0]?.message]);
  const later = (atMs: number) => [
    { program: 'daemon' },
    { program: 'daemon', phase: 'settle' as const, atMs },
  ];

  it('is no violation if nothing has been started since, whether or not it is said how an owner is known', async () => {
    expect(await verdict(survivors(), [{ program: 'daemon' }])).toEqual(['passed', undefined]);
    expect(await verdict(survivors({ recoverMs: 100 }), later(0))).toEqual(['passed', undefined]);
  });

  it('is one if a start has begun since', async () => {
    expect(await verdict(survivors(), later(0))).toEqual(['violated', 'no process is left; expected 1']);
    expect((await verdict(survivors({ recoverMs: 100 }), later(100)))[0]).toBe('violated');
  });
});

describe('the one who answers is named in the PID file', () => {
  const invariant = answererIsNamed(`http://127.0.0.1:${PORT}/`, PID_FILE);

  it('holds of one that writes the file after it listens', async () => {
    expect(await verdictOf(sound, ON_PORT, invariant)).toMatchObject({ verdict: 'passed' });
  });

  it('is violated by one that writes the file first', async () => {
    const writesFirst: Program = async (ports) => {
      await ports.fs.writeFile(PID_FILE, String((await ports.process.self()).pid));
      if (!(await isListening(ports))) return;
      await ports.clock.sleep(FOR_EVER_MS);
    };
    const { verdict, message } = await verdictOf(writesFirst, ON_PORT, invariant);
    expect([verdict, message]).toEqual([
      'violated',
      expect.stringMatching(
        /^daemon#(\d) \(PID 100\1\) listens on TCP port 7000, and \/run\/daemon\.pid names PID 100\d, daemon#\d, which has ended$/,
      ),
    ]);
  });

  it('is violated by one whose socket was replaced by that of another', async () => {
    const names: Program = async (ports) => {
      await ports.fs.writeFile(PID_FILE, String((await ports.process.self()).pid));
      await unlinks(ports, []);
    };
    const first = { program: 'named' };
    const options = { start: [first, { program: 'other', atMs: 50 }], machine: { files: FILES } };
    const { run, failure } = await runOnce(
      scenarioOf(
        { named: names, other: unlinks },
        { ...options, invariants: [answererIsNamed({ path: SOCKET }, PID_FILE)] },
      ),
    );
    expect(run.world.listeningAt({ path: SOCKET })).toHaveLength(2);
    expect(run.world.observation.listeningAt({ path: SOCKET }).map(({ name }) => name)).toEqual(['other#1']);
    expect(failure?.message).toMatch(/^other#1 .* listens on .* names PID \d+, named#1$/);
  });

  it('is violated by a file that is gone, or has no PID, or that of a stranger', async () => {
    const spoiled =
      (spoil: (ports: Ports) => Promise<unknown>): Program =>
      async (ports) => {
        await isListening(ports);
        await spoil(ports);
        await ports.clock.sleep(FOR_EVER_MS);
      };
    const nothing = spoiled(async () => {});
    expect(await wrong(nothing, ON_PORT, invariant)).toContain('/run/daemon.pid does not exist');
    const empty = spoiled(({ fs }) => fs.writeFile(PID_FILE, ''));
    expect(await wrong(empty, ON_PORT, invariant)).toContain('/run/daemon.pid has no PID');
    const other = spoiled(({ fs }) => fs.writeFile(PID_FILE, '{"pid": 4711}'));
    expect(await wrong(other, ON_PORT, invariant)).toContain(
      'names PID 4711, which is no process of this program',
    );
    expect(() => answererIsNamed('localhost', PID_FILE)).toThrow(
      'answererIsNamed: got "localhost": expected',
    );
  });

  it('proves nothing where the file never named the one who answers', async () => {
    const { verdict } = await verdictOf(async () => 0, ON_PORT, invariant);
    expect(verdict).toBe('inconclusive');
  });
});

describe('no orphan of an ended owner is left', () => {
  const worker: Program = ({ clock }) => clock.sleep(FOR_EVER_MS).then(() => 0);
  const start = [{ program: 'daemon' }];
  const leaves =
    (tidily: boolean): Program =>
    async (ports) => {
      await isListening(ports);
      const { pid } = await ports.process.spawn(['worker']);
      await ports.clock.sleep(10);
      if (tidily) await ports.process.kill(pid, 'SIGTERM');
      return 0;
    };

  it('is violated by one that leaves its worker', async () => {
    expect(await wrong({ daemon: leaves(false), worker }, ON_PORT, noOrphans(), { start })).toBe(
      'worker#1 is left; daemon#1, which started it, was the owner and has ended',
    );
  });

  it('holds of one that ends it, of a launcher, and of a successor', async () => {
    expect(await wrong({ daemon: leaves(true), worker }, ON_PORT, noOrphans(), { start })).toBeNull();
    const launcher: Program = async ({ process }) =>
      void (await process.spawn(['sound'], { detached: true }));
    expect(await wrong({ daemon: launcher, sound }, ON_PORT, noOrphans(), { start })).toBeNull();
    const handsOver: Program = async (ports) => {
      const fd = await ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: PORT });
      await ports.net.close(fd);
      await ports.process.spawn(['sound'], { detached: true });
      await ports.clock.sleep(1);
    };
    expect(await wrong({ daemon: handsOver, sound }, ON_PORT, noOrphans(), { start })).toBeNull();
  });
});

describe('no file of an ended process is left', () => {
  const writes =
    (end: (ports: Ports) => Promise<unknown>): Program =>
    async (ports) => {
      const { pid } = await ports.process.self();
      await ports.fs.writeFile(PID_FILE, String(pid));
      await end(ports);
    };
  const named: Owner = { isNamedIn: PID_FILE };

  it('is violated by one that ends and leaves it', async () => {
    expect(
      await wrong(
        writes(async () => {}),
        named,
        noLeftovers([PID_FILE]),
      ),
    ).toBe('/run/daemon.pid is left: it names daemon#1 (PID 1001), which has ended');
  });

  it('holds of one that removes it, of one that lives, and of one that was killed', async () => {
    const removes = writes(({ fs }) => fs.unlink(PID_FILE));
    const lives = writes(({ clock }) => clock.sleep(FOR_EVER_MS));
    const killed = writes(async ({ process }) => process.kill((await process.self()).pid, 'SIGKILL'));
    for (const program of [removes, lives, killed])
      expect(await wrong(program, named, noLeftovers([PID_FILE]))).toBeNull();
  });
});

describe('each start ends or becomes the owner', () => {
  const waits: Program = async (ports) => {
    while (!(await isListening(ports))) await ports.clock.sleep(50);
    await ports.clock.sleep(FOR_EVER_MS);
  };

  it('is violated by one that waits', async () => {
    expect(await wrong(waits, ON_PORT, everyStartDecides({ withinMs: 300 }), TWICE)).toMatch(
      /^daemon#2 has neither ended nor become the owner, (3\d\d|400) ms after its start$/,
    );
  });

  it('holds of one that ends, and says nothing of late starts', async () => {
    expect(await verdictOf(sound, ON_PORT, everyStartDecides({ withinMs: 300 }))).toMatchObject({
      verdict: 'passed',
    });
    expect(await wrong(waits, ON_PORT, everyStartDecides({ withinMs: 3_000 }), TWICE)).toBeNull();
    expect((await verdictOf(sound, ON_PORT, everyStartDecides({ withinMs: 3_000 }))).verdict).toBe(
      'inconclusive',
    );
    expect(() => everyStartDecides({ withinMs: -1 })).toThrow(RangeError);
  });
});

describe('a new start recovers after the faults', () => {
  const again = {
    start: [{ program: 'daemon' }, { program: 'daemon', phase: 'settle' as const }],
    faults: { kill: 1 },
  };

  it('is violated by one that believes in the file of a dead process', async () => {
    const { verdict, message } = await verdictOf(checksFirst, { isNamedIn: PID_FILE }, recovers(), again);
    expect([verdict, message]).toEqual(['violated', 'there is no owner']);
  });

  it('holds of one that takes the port of a dead process', async () => {
    expect(await verdictOf(sound, ON_PORT, recovers(), again)).toMatchObject({ verdict: 'passed' });
  });

  it('proves nothing without a fault, or without a new start', async () => {
    const { verdict, message } = await verdictOf(sound, ON_PORT, recovers(), { ...again, faults: {} });
    expect([verdict, message]).toEqual([
      'inconclusive',
      expect.stringContaining('a fault struck, and a start began'),
    ]);
  });
});

describe('exploring', () => {
  const explored = (program: Program, owner: Owner, invariants: Invariant[]) =>
    explore(
      scenarioOf({ daemon: program }, { owner, invariants, machine: { files: FILES, busyMs: 0 }, ...TWICE }),
      {},
    );

  it('finds what is wrong, and that nothing is, in every schedule', async () => {
    const red = await explored(checksFirst, { isNamedIn: PID_FILE }, [survivors()]);
    expect(red.violations).toMatchObject([{ invariant: survivors().name }]);
    const green = await explored(sound, { all: [ON_PORT, { isNamedIn: PID_FILE }] }, [
      oneOwnerAtATime(),
      survivors(),
      everyStartDecides({ withinMs: 100 }),
      noOrphans(),
    ]);
    expect(green).toMatchObject({ complete: true, violations: [] });
  });
});
