// What the scenarios of all systems are written with.
import { describe, expect, it } from 'vitest';
import { atMostOneOwner, noStaleAct, type World } from '../../src/scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  forEachNew,
  foreign,
  isPidAlive,
  listensAt,
  mtimeOf,
  onSlowDisk,
  orElse,
  scenarioOf,
  scenariosOf,
  script,
  start,
  startOf,
  times,
} from '../../src/systems/vocabulary/index.ts';
import { runOnce, scenarioOf as scenarioWith } from '../check/helpers.ts';
import { run } from '../model/helpers.ts';

describe('starts', () => {
  it('a text is a program and its arguments', () => {
    expect(startOf('host')).toEqual({ program: 'host' });
    expect(startOf('terminal 500:SIGSTOP 900:SIGCONT')).toEqual({
      program: 'terminal',
      argv: ['500:SIGSTOP', '900:SIGCONT'],
    });
  });

  it('options of a start are added to earlier ones', () => {
    expect(foreign(at(500, times(2, 'host')))).toEqual({
      program: 'host',
      count: 2,
      atMs: 500,
      foreign: true,
    });
    expect(afterFaults(start('app', { uid: 7 }), 100)).toEqual({
      program: 'app',
      uid: 7,
      phase: 'settle',
      atMs: 100,
    });
    expect(afterFaults('app')).toEqual({ program: 'app', phase: 'settle' });
  });
});

describe('families of scenarios', () => {
  const program = endsAfter(1);
  const shared = {
    programs: { one: program },
    start: ['one'],
    machine: { busyMs: 7, files: { '/a': null } },
    settleMs: 50,
    invariants: [atMostOneOwner],
  };

  it('an id is the prefix and the key', () => {
    const ids = scenariosOf('test/family', shared, { first: {}, second: {} }).map(({ id }) => id);
    expect(ids).toEqual(['test/family/first', 'test/family/second']);
  });

  it('programs, files and invariants are added; everything else is replaced', () => {
    const made = scenarioOf('test/family/one', shared, {
      programs: { two: program },
      start: ['two'],
      machine: { files: { '/b': 'text' } },
      settleMs: 60,
      invariants: [noStaleAct],
    });
    expect([...made.programs.keys()]).toEqual(['one', 'two']);
    expect(made.start).toEqual([{ program: 'two' }]);
    expect(made.machine).toEqual({ busyMs: 7, files: { '/a': null, '/b': 'text' } });
    expect(made.settleMs).toBe(60);
    expect(made.invariants).toEqual([atMostOneOwner, noStaleAct]);
    expect(made.expects).toBe('pass');
  });

  it('a scenario that breaks an invariant checks it once, and expects its violation', () => {
    const broken = scenarioOf('test/family/one', shared, { breaks: noStaleAct });
    expect(broken).toMatchObject({ expects: 'violation', violates: noStaleAct.name });
    expect(broken.invariants).toEqual([noStaleAct, atMostOneOwner]);
    expect(scenarioOf('test/family/one', shared, { breaks: atMostOneOwner }).invariants).toEqual([
      atMostOneOwner,
    ]);
    const crashes = scenarioOf('test/family/one', shared, { breaks: 'no program crashes' });
    expect(crashes).toMatchObject({ violates: 'no program crashes', invariants: [atMostOneOwner] });
  });
});

describe('calls', () => {
  it('a failure is an answer if it has one of the given codes, or if none is given', async () => {
    const { lines } = await run(async ({ fs }, log) => {
      const missing = () => fs.readFile('/missing');
      log(await orElse(missing(), 'none'));
      log(await orElse(missing(), 'none', 'EACCES', 'ENOENT'));
      log(await orElse(missing(), 'none', 'EACCES').catch(({ code }) => code));
      log(await orElse(Promise.reject(new TypeError('ours')), 'none').catch(({ message }) => message));
    });
    expect(lines).toEqual(['none', 'none', 'ENOENT', 'ours']);
  });

  it('a PID is alive for others too; a file that is missing has no time', async () => {
    const { lines } = await run(async (ports, log) => {
      const { pid } = await ports.process.self();
      log([await isPidAlive(ports, pid), await isPidAlive(ports, 900)]);
      log(await mtimeOf(ports, '/missing'));
    });
    expect(lines).toEqual([[true, false], null]);
  });
});

describe('actors', () => {
  it('a server gives its answers in turn', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_003 } as const;
    const bodies: string[] = [];
    const answers = ['first', 'second'].map((body) => ({ status: 200, body }));
    const { failure } = await runOnce(
      scenarioWith({
        server: listensAt(address, ...answers),
        async client({ probe, clock }) {
          await clock.sleep(10);
          for (let i = 0; i < 3; i++)
            bodies.push((await probe.request(address, { path: '/', body: '' }, 100)).body);
        },
      }),
    );
    expect(failure).toBeNull();
    expect(bodies).toEqual(['first', 'second', 'first']);
  });

  it('a script does what its arguments name, in their order', async () => {
    const done: string[] = [];
    const events = script({ a: async () => done.push('a'), b: async () => done.push('b') });
    const { failure } = await runOnce(scenarioWith({ events }, { start: [startOf('events b a b')] }));
    expect(failure).toBeNull();
    expect(done).toEqual(['b', 'a', 'b']);
  });

  it('only the operations that are named are slow', async () => {
    const tookMs: number[] = [];
    const { failure } = await runOnce(
      scenarioWith({
        writer: onSlowDisk(
          async ({ fs, clock }) => {
            for (const operation of [() => fs.mkdir('/a'), () => fs.writeFile('/a/b', '')]) {
              const beganMs = await clock.monotonicMs();
              await operation();
              tookMs.push((await clock.monotonicMs()) - beganMs);
            }
          },
          50,
          'mkdir',
        ),
      }),
    );
    expect(failure).toBeNull();
    expect(tookMs[0]).toBeGreaterThanOrEqual(50);
    expect(tookMs[1]).toBeLessThan(50);
  });
});

it('an invariant of what is new judges each entry once', () => {
  const judged: number[] = [];
  const list: number[] = [1];
  const { check } = forEachNew(
    'seen once',
    () => list,
    (entry) => {
      judged.push(entry);
      return entry === 3 ? 'three' : null;
    },
  );
  const world = { invariantState: new Map() } as unknown as World;
  expect(check(world)).toBeNull();
  list.push(2);
  expect(check(world)).toBeNull();
  list.push(3);
  expect(check(world)).toBe('three');
  expect(judged).toEqual([1, 2, 3]);
});
