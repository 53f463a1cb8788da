/** For each rule of the search the smallest models in which breaking it loses an outcome, or finds one that is out of bounds. */
import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/index.ts';
import { SUMMARIES_ASSUMED } from '../../src/explore/memo/memo-node.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import {
  always,
  eventually,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../src/scenario/index.ts';

const APPEND = { flag: 'a' } as const;

/** Programs that are called by letters, and start once each. */
type Programs = Readonly<Record<string, Program>>;

function modelOf(programs: Programs, { machine, ...more }: Partial<ScenarioOptions> = {}) {
  return scenario({
    id: 'explore/rules/model',
    ...{ programs, start: Object.keys(programs).map((program) => ({ program })) },
    ...{ faults: {}, faultsForMs: 20, settleMs: 20, crashes: 'allowed', invariants: [] },
    ...more,
    machine: {
      files: { '/log': '' },
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY },
      ...machine,
    },
  });
}

/** What the runs of a search come to: the file /log, and how each process has ended. */
async function outcomes(
  programs: Programs,
  options: ExploreOptions = {},
  more: Partial<ScenarioOptions> = {},
): Promise<string[]> {
  const found = new Set<string>();
  const report = await explore(modelOf(programs, more), {
    ...{ isolation: false, ...options },
    onEnd: ({ world, machine }) => {
      const ends = world.processes.map(({ name, state, exitSignal }) =>
        exitSignal !== null ? `${name} killed` : state === 'stopped' ? `${name} stopped` : '',
      );
      found.add([machine.fs.toJSON()['/log'], ...ends.filter((end) => end !== '')].join(' '));
    },
  });
  expect([report.complete, report.violations]).toEqual([true, []]);
  return [...found].sort();
}

/** The same with and without the reduction, or the test fails. */
async function reduced(
  programs: Programs,
  options: ExploreOptions = {},
  more: Partial<ScenarioOptions> = {},
): Promise<string[]> {
  const all = await outcomes(programs, { ...options, reduce: false }, more);
  expect(await outcomes(programs, options, more)).toEqual(all);
  return all;
}

/** Appends letters to the log, one step each; `.` waits. */
const writes =
  (letters: string): Program =>
  async ({ fs, clock }: Ports) => {
    const fd = await fs.open('/log', 'a');
    for (const letter of letters) {
      if (letter === '.') await clock.sleep(1);
      else await fs.write(fd, letter);
    }
  };

describe('within a bound on preemptions', () => {
  it('of none, a process goes on as long as it can', async () => {
    expect(await reduced({ a: writes('aa'), b: writes('bb') }, { preemptions: 0 })).toEqual(['aabb', 'bbaa']);
  });

  it('of none, another process goes on when one waits', async () => {
    expect(await reduced({ a: writes('a.a'), b: writes('b') }, { preemptions: 0 })).toEqual(['aba', 'baa']);
  });

  it('of one, runs that come to the same files by fewer preemptions go on further', async () => {
    const all = await reduced({ a: writes('aa'), b: writes('bb'), c: writes('c') }, { preemptions: 1 });
    expect(all).toContain('aabcb');
    expect(all).not.toContain('abacb');
  });

  it('what ran last makes a difference', async () => {
    // After both have raised their flag, the one that ran last goes on to its end.
    const flag =
      (mine: string, other: string): Program =>
      async ({ fs }) => {
        await fs.mkdir(`/${mine}/flag`);
        const isUp = await fs.exists(`/${other}/flag`);
        await fs.writeFile('/log', isUp ? mine.toUpperCase() : mine, APPEND);
      };
    const machine = { files: { '/log': '', '/a': null, '/b': null } };
    const all = await reduced({ a: flag('a', 'b'), b: flag('b', 'a') }, { preemptions: 1 }, { machine });
    expect(all).toEqual(expect.arrayContaining(['AB', 'BA', 'aB', 'bA']));
  });
});

describe('every choice is tried', () => {
  const waits: Program = async ({ clock }) => {
    await clock.sleep(1);
    await clock.sleep(1);
  };

  it('of faults: the only one, and the last of several', async () => {
    expect(await outcomes({ a: waits }, {}, { faults: { kill: 1 } })).toEqual(['', ' a#1 killed']);
    const faults = { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] }, 'host-name': 1 };
    expect(await outcomes({ a: waits }, {}, { faults })).toEqual(['', ' a#1 stopped']);
  });

  it('of how long a fault lasts', async () => {
    const faults = { stop: { max: 1, forMs: [1, Number.POSITIVE_INFINITY] } };
    expect(await outcomes({ a: waits }, {}, { faults })).toEqual(['', ' a#1 stopped']);
  });

  it('of the moments at which time may pass although a process could go on', async () => {
    const looks: Program = async ({ fs }) => {
      await fs.exists('/log');
      await fs.exists('/log');
      await fs.writeFile('/log', 'a', APPEND);
    };
    const late: Program = async ({ fs, clock }) => {
      await clock.sleep(3);
      await fs.writeFile('/log', 'b', APPEND);
    };
    const more = { machine: { busyMs: 5 } };
    expect(await reduced({ a: looks, b: late }, {}, more)).toEqual(['ab', 'ba']);
  });

  it('of faults, up to as many in one run as asked for', async () => {
    const faults = { kill: 2 };
    const all = await outcomes({ a: waits, b: waits }, {}, { faults });
    expect(all).toContain(' a#1 killed b#1 killed');
    const some = await outcomes({ a: waits, b: waits }, { faults: 1 }, { faults });
    expect(some).toEqual(all.filter((end) => end !== ' a#1 killed b#1 killed'));
  });
});

describe('no order is left out', () => {
  it('of two writes that only an invariant reads, in the end', async () => {
    const saves =
      (text: string): Program =>
      ({ fs }) =>
        fs.writeFile('/log', text);
    const last = eventually('b is last', (world) => (world.files()['/log'] === 'b' ? null : 'it is not'));
    const model = modelOf({ a: saves('a'), b: saves('b') }, { invariants: [last] });
    const report = await explore(model, { isolation: false });
    expect(report.violations).toHaveLength(1);
  });

  it('of what comes two steps later', async () => {
    const looksFirst: Program = async ({ fs }) => {
      await fs.exists('/one');
      await fs.exists('/two');
      await fs.writeFile('/log', 'a', APPEND);
    };
    const looksToo: Program = async ({ fs }) => {
      await fs.exists('/three');
      await fs.exists('/four');
      await fs.writeFile('/log', 'b', APPEND);
    };
    expect(await reduced({ a: looksFirst, b: looksToo })).toEqual(['ab', 'ba']);
  });

  it('of a fault and what it makes a difference to', async () => {
    const saves: Program = async ({ fs }) => {
      await fs.writeFile('/log', 'a');
      await fs.writeFile('/log', 'aa');
    };
    const all = await reduced({ a: saves }, {}, { faults: { kill: 1 } });
    expect(all.length).toBeGreaterThan(2);
  });

  it('of an operation and a timer that comes first after a stop', async () => {
    const isLate: Program = async ({ fs, clock }) => {
      let late = false;
      void clock.sleep(5).then(() => {
        late = true;
      });
      await fs.exists('/log');
      await fs.writeFile('/log', late ? 'late' : 'in time', APPEND);
    };
    const faults = { stop: { max: 1, forMs: [10] } };
    expect(await reduced({ a: isLate }, {}, { faults })).toEqual(['in time', 'late']);
  });

  it('of an answer and a stop that is longer than the timeout', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 } as const;
    // Whether the stop comes after the answer shows in what the server sees of its client then.
    const serves: Program = async ({ net, process, mark }) => {
      const { request } = await net.accept(await net.listen(address));
      await net.answer(request, { status: 200, body: 'yes' });
      return (await process.info(1_002)).state === 'running' ? mark('runs') : mark('stands still');
    };
    const asks: Program = async ({ probe, clock, mark }) => {
      await clock.sleep(1);
      await probe.request(address, { path: '/', body: '' }, 5).catch(() => mark('late'));
    };
    const both = always('not both', ({ marks }) => (marks.has('runs') && marks.has('late') ? 'both' : null));
    const faults = { stop: { max: 1, forMs: [10] } };
    const model = modelOf({ a: serves, b: asks }, { faults, invariants: [both] });
    const { violations } = await explore(model, { isolation: false });
    expect(violations).toHaveLength(1);
  });

  it('of an operation that ends another process, and what that one does', async () => {
    const kills: Program = async ({ process }) => {
      await process.kill(1_002, 'SIGKILL').catch(() => {});
    };
    const all = await reduced({ a: kills, b: writes('b') });
    expect(all).toEqual([' b#1 killed', 'b', 'b b#1 killed']);
  });

  it('of a process that polls and another one', async () => {
    const polls: Program = async ({ fs, clock }) => {
      for (let i = 0; i < 3 && !(await fs.exists('/go')); i++) await clock.sleep(1);
      await fs.writeFile('/log', (await fs.exists('/go')) ? 'gone' : 'not', APPEND);
    };
    const goes: Program = async ({ fs, clock }) => {
      await clock.sleep(2);
      await fs.writeFile('/go', '');
      await fs.writeFile('/log', 'b', APPEND);
    };
    expect((await reduced({ a: polls, b: goes })).length).toBeGreaterThan(1);
  });
});

/** How many states a search has, compared with one of all orders. */
async function sharesOfStates(model: Scenario): Promise<number> {
  const all = await explore(model, { isolation: false, reduceOrders: false });
  const some = await explore(model, { isolation: false });
  expect([all.complete, some.complete]).toEqual([true, true]);
  return some.states / all.states;
}

describe('an order that makes no difference', () => {
  const looks: Program = async ({ fs }) => {
    for (let i = 0; i < 5; i++) await fs.exists('/log');
  };

  it('is left out although a process may be stopped, and may wait later', async () => {
    const waits: Program = async (ports) => {
      await looks(ports, []);
      await ports.clock.sleep(1);
    };
    const faults = { stop: { max: 1, forMs: [10] } };
    const model = modelOf({ a: waits, b: waits }, { faults });
    expect(await sharesOfStates(model)).toBeLessThan(1 / 3);
  });

  it('is left out although both processes change and look at the same times', async () => {
    const saves =
      (path: string): Program =>
      async ({ fs }) => {
        await fs.stat('/d');
        await fs.writeFile(path, '');
        await fs.stat('/d');
      };
    const machine = { files: { '/d': null } };
    const model = modelOf({ a: saves('/d/a'), b: saves('/d/b') }, { machine });
    expect(await sharesOfStates(model)).toBeLessThan(1 / 2);
  });

  it('is left out although both processes connect to the same socket', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 } as const;
    const listens: Program = async ({ net, clock }) => {
      await net.listen(address);
      await clock.sleep(5);
    };
    const connects: Program = async ({ probe, clock }) => {
      await clock.sleep(1);
      for (let i = 0; i < 3; i++) await probe.connect(address, 1);
    };
    const model = modelOf({ listens, a: connects, b: connects });
    expect(await sharesOfStates(model)).toBeLessThan(1 / 2);
  });
});

describe('a search', () => {
  const model = modelOf({ a: writes('aa'), b: writes('bb') });

  it('makes no more runs than asked for', async () => {
    const report = await explore(model, { isolation: false, maxExecutions: 2 });
    expect(report).toMatchObject({ complete: false, executions: 2, verdict: 'inconclusive', ok: false });
  });

  it('keeps no more states than asked for', async () => {
    const report = await explore(model, { isolation: false, maxStates: 3 });
    expect(report).toMatchObject({ complete: false, verdict: 'inconclusive', ok: false });
  });

  it('compares no states where a power cut may strike, and all others', async () => {
    const cut = modelOf({ a: writes('a') }, { faults: { 'power-cut': 1 }, machine: { durable: true } });
    expect((await explore(cut, { isolation: false, maxExecutions: 50 })).states).toBe(0);
    const soft = modelOf({ a: writes('a') }, { faults: { 'power-cut': 1 } });
    expect((await explore(soft, { isolation: false, maxExecutions: 50 })).states).toBe(0);
    expect((await explore(model, { isolation: false })).states).toBeGreaterThan(0);
  });

  it('says what it assumes', async () => {
    const { assumed } = await explore(model, { isolation: false });
    expect(assumed).toEqual(
      expect.arrayContaining([
        'a directory is read in one step',
        'no inode number is used again',
        'the order of inode numbers of files of different processes makes no difference',
      ]),
    );
  });

  it('says that it relies on what programs keep of episodes, if it does', async () => {
    const works: Program = async (ports) => {
      await ports.summarize(
        () => ports.fs.exists('/go'),
        () => null,
      );
      await ports.fs.exists('/log');
    };
    const goes: Program = ({ fs }) => fs.writeFile('/go', '');
    const { assumed, complete } = await explore(modelOf({ works, goes }), { isolation: false });
    expect(complete).toBe(true);
    expect(assumed).toContain(SUMMARIES_ASSUMED);
  });

  it('has nothing to show for a sometimes that is out of reach', async () => {
    const never = modelOf({ a: writes('a') }, { invariants: [sometimes('it', 'never')] });
    expect(await explore(never, { isolation: false })).toMatchObject({ verdict: 'inconclusive', ok: false });
  });

  it('finds a violation that needs one certain order', async () => {
    const log = always('not ba', (world) => (world.files()['/log'] === 'ba' ? 'it is' : null));
    const report = await explore(modelOf({ a: writes('a'), b: writes('b') }, { invariants: [log] }), {
      isolation: false,
    });
    expect(report.verdict).toBe('violated');
  });
});
