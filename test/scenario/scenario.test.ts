import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { Claims } from '../../src/scenario/claims.ts';
import {
  always,
  type Bounds,
  bounded,
  findBounded,
  ScenarioError,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../src/scenario/index.ts';

const program: Program = async () => {};
const other: Program = async () => 1;

const VALID: ScenarioOptions = {
  id: 'a/b/c',
  programs: { program },
  start: [{ program: 'program', count: 2 }],
  invariants: [],
};

describe('scenario', () => {
  it.each<[string, unknown, RegExp]>([
    ['no id', { id: undefined }, /id/],
    ['an id of two parts', { id: 'a/b' }, /id|system\/variant\/name/],
    ['no process that starts', { start: [] }, /start/],
    ['a count of 0', { start: [{ program: 'program', count: 0 }] }, /start\[0\]\.count/],
    ['too many', { start: [{ program: 'program', count: 65 }] }, /start\[0\]\.count/],
    [
      'one PID of several processes',
      { start: [{ program: 'program', pidNamespace: 'b', pid: 5, count: 2 }] },
      /pid 5 of b would be that of several processes: expected count 1, and another pid for each start/,
    ],
    ['a negative time', { start: [{ program: 'program', atMs: -1 }] }, /start\[0\]\.atMs/],
    ['a misspelt start', { start: [{ program: 'program', at: 1 }] }, /at/],
    ['a program that is not there', { start: [{ program: 'deamon' }] }, /"deamon".*program/s],
    ['a program of Object.prototype', { start: [{ program: 'toString' }] }, /"toString"/],
    ['a program that is no function', { programs: { program: 'no' } }, /programs\.program/],
    ['an unknown option', { fautls: {} }, /fautls/],
    ['an unknown fault', { faults: { kil: 1 } }, /faults/],
    ['a fault of a negative number', { faults: { kill: -1 } }, /faults\.kill/],
    ['a fault of half a time', { faults: { kill: 0.5 } }, /faults\.kill/],
    ['a fault of a text', { faults: { kill: 'often' } }, /faults\.kill/],
    ['a misspelt setting', { faults: { stop: { formMs: [1] } } }, /faults\.stop/],
    ['stops of no duration', { faults: { stop: { forMs: [] } } }, /faults\.stop/],
    ['stops of a negative duration', { faults: { stop: { forMs: [-1] } } }, /faults\.stop/],
    ['stops of NaN', { faults: { stop: { forMs: [Number.NaN] } } }, /faults\.stop/],
    ['a port-grab of no TCP port', { faults: { 'port-grab': 1 } }, /port-grab.*which TCP port/s],
    [
      'a port-grab that says no TCP port',
      { faults: { 'port-grab': { max: 1 } } },
      /port-grab.*which TCP port/s,
    ],
    ['a relative directory', { faults: { 'lose-state': { under: 'state' } } }, /faults.*lose-state.*under/s],
    ['a misspelt machine', { machine: { busy: 1 } }, /busy/],
    ['time that goes back', { machine: { operationUs: -1 } }, /machine\.operationUs/],
    ['hardly any PIDs', { machine: { pidMax: 10 } }, /machine\.pidMax/],
    ['a relative file', { machine: { files: { 'a/b': '' } } }, /machine\.files/],
    ['a file in a file', { machine: { files: { '/a': 'x', '/a/b': '' } } }, /machine\.files.*\/a\/b/],
    ['a negative duration', { faultsForMs: -1 }, /faultsForMs/],
    ['an endless duration', { settleMs: Number.POSITIVE_INFINITY }, /settleMs/],
    ['half a step', { maxSteps: 0.5 }, /maxSteps/],
    ['more steps than a token can hold', { maxSteps: 1_000_001 }, /maxSteps/],
    ['no such rule of crashes', { crashes: 'maybe' }, /crashes/],
    ['an invariant that is none', { invariants: [() => null] }, /invariants/],
    [
      'two invariants of one name',
      { invariants: [always('same', () => null), sometimes('same', 'own')] },
      /"same"/,
    ],
  ])('refuses %s, and names the field', (_, wrong, message) => {
    const options = { ...VALID, ...(wrong as object) };
    expect(() => scenario(options)).toThrow(ScenarioError);
    expect(() => scenario(options)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [{ faults: { kil: 1 } }, 'faults: "kil" is not known; did you mean kill? Accepted: kill, stop, '],
    [
      { faults: { stop: { formMs: [1] } } },
      'faults.stop: "formMs" is not known; did you mean forMs? Accepted: max, forMs, under, tcpPort',
    ],
    [
      { faults: { stop: { forMs: 'never' } } },
      'faults.stop.forMs: got "never", expected an array of at least one length',
    ],
    [{ faults: { kill: 'often' } }, 'faults.kill: got "often", expected how often at most in a run'],
    [{ machine: { files: { 'run/d': null } } }, 'machine.files["run/d"]: expected an absolute path'],
    [{ programs: { program: 'no' } }, 'programs.program: got "no", expected a function'],
    [
      { start: [{ program: 'program', count: 0 }] },
      'start[0].count: got 0, expected a whole number from 1 to 64, such as count: 3',
    ],
    [{ fautls: {} }, '"fautls" is not known; did you mean faults? Accepted: id, about, expects, '],
    [
      { faults: { stop: { forMs: [-5] } } },
      'faults.stop.forMs[0]: got -5, expected milliseconds (more than 0, or Infinity)',
    ],
    [{ programs: undefined }, 'programs: got undefined, expected an object of programs, each a function'],
    [{ programs: { program: 1 } }, 'programs.program: got 1, expected a function'],
    [{ machine: { files: 'x' } }, 'machine.files: got "x", expected an object of paths and texts'],
    [{ machine: { files: { a: '' } } }, 'machine.files.a: expected an absolute path'],
    [
      { machine: { inodes: 'new' } },
      'machine.inodes: got "new", expected one of "reused", "unique", "by-creator"',
    ],
    [
      { machine: { twoPhase: ['opne'] } },
      "machine.twoPhase[0]: got \"opne\", expected the name of an operation, such as twoPhase: ['link', 'rename']; did you mean open?",
    ],
    [
      { faultsForMs: -1, settleMs: -2 },
      'faultsForMs: got -1, expected milliseconds, 0 or more, such as faultsForMs: 3_000; settleMs: got -2, ',
    ],
  ])('reports for %j what was got and what is accepted', (wrong, message) => {
    const options = { ...VALID, ...(wrong as object) };
    expect(() => scenario(options)).toThrow(`scenario "a/b/c": ${message}`);
  });

  it('names no ID if there is none', () => {
    expect(() => scenario({ ...VALID, id: undefined as never })).toThrow(
      /^scenario: id: got undefined, expected system\/variant\/name/,
    );
  });

  it('accepts durations without an end where they mean something', () => {
    const faults = { stop: { forMs: [1, Number.POSITIVE_INFINITY] }, kill: 0, 'port-grab': 0 };
    const made = scenario({ ...VALID, faults });
    expect(made.hash).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each<[string, Partial<ScenarioOptions>]>([
    ['id', { id: 'a/b/d' }],
    ['who starts', { start: [{ program: 'program', count: 3 }] }],
    ['when', { start: [{ program: 'program', count: 2, atMs: 1 }] }],
    ['arguments', { start: [{ program: 'program', count: 2, argv: ['x'] }] }],
    ['faults', { faults: { kill: 1 } }],
    ['settings of faults', { faults: { stop: { forMs: [5] } } }],
    ['machine', { machine: { busyMs: 5 } }],
    ['files', { machine: { files: { '/x': '' } } }],
    ['faultsForMs', { faultsForMs: 1 }],
    ['settleMs', { settleMs: 1 }],
    ['maxSteps', { maxSteps: 1 }],
    ['crashes', { crashes: 'allowed' }],
    ['names of programs', { programs: { program, other } }],
  ])('has another hash with another %s', (_, changed) => {
    expect(scenario({ ...VALID, ...changed }).hash).not.toBe(scenario(VALID).hash);
  });

  it.each<[string, Partial<ScenarioOptions>]>([
    ['the same program, fixed', { programs: { program: other } }],
    ['its fields in another order', { start: [{ count: 2, program: 'program' }] }],
    ['a description', { about: 'another' }],
    ['more invariants', { invariants: [always('more', () => null)] }],
  ])('has the same hash with %s', (_, changed) => {
    expect(scenario({ ...VALID, ...changed }).hash).toBe(scenario(VALID).hash);
  });
});

describe('the order in which something is written', () => {
  const hashOf = (options: Partial<ScenarioOptions>) => scenario({ ...VALID, ...options }).hash;

  it('does not change a hash', () => {
    const faults = { stop: { forMs: [5], max: 2 }, kill: 1 };
    expect(hashOf({ faults })).toBe(hashOf({ faults: { kill: 1, stop: { max: 2, forMs: [5] } } }));
    expect(hashOf({ machine: { busyMs: 1, firstPid: 500 } })).toBe(
      hashOf({ machine: { firstPid: 500, busyMs: 1 } }),
    );
  });

  it('of files, of starts and of durations does: they are made, begun and chosen from in that order', () => {
    const files = (...paths: string[]) => ({
      machine: { files: Object.fromEntries(paths.map((p) => [p, ''])) },
    });
    expect(hashOf(files('/a', '/b'))).not.toBe(hashOf(files('/b', '/a')));
    const stop = (...forMs: number[]) => ({ faults: { stop: { forMs } } });
    expect(hashOf(stop(1, 2))).not.toBe(hashOf(stop(2, 1)));
  });
});

describe('a scenario within bounds', () => {
  const whole = scenario({
    ...VALID,
    faults: {
      kill: 5,
      stop: { forMs: [7], max: 6 },
      'lose-state': { under: '/state', max: 9 },
      'pid-reuse': 3,
    },
  });
  const none: Bounds = { contenders: 2, crashes: 0, stops: 0, losses: 0, busyMs: 0 };

  it('has as many faults as they allow, each as the whole scenario knows it, and no others', () => {
    expect(bounded(whole, none).faults).toEqual({});
    expect(bounded(whole, { ...none, crashes: 1, stops: 2, losses: 3 }).faults).toEqual({
      kill: { max: 1 },
      stop: { forMs: [7], max: 2 },
      'lose-state': { under: '/state', max: 3 },
    });
  });

  it('is found again by its id', () => {
    const small = bounded(whole, { contenders: 3, crashes: 1, stops: 2, losses: 3, busyMs: 40 });
    expect(small.id).toBe('a/b/c+contenders=3+crashes=1+stops=2+losses=3+busyms=40');
    const found = findBounded(small.id, (id) => (id === whole.id ? whole : undefined));
    expect(found).toEqual(small);
    expect(findBounded('a/b/c+stops=2+contenders=3', () => whole)).toBeUndefined();
    expect(findBounded(whole.id, () => whole)).toBeUndefined();
  });
});

describe('claims', () => {
  const a = { name: 'a' };
  const b = { name: 'b' };

  it('are superseded by a higher token, also when its owner has ended since', () => {
    const claims = new Claims<typeof a>();
    claims.marked(a, 'own', { token: 1 });
    claims.marked(b, 'own', { token: 2 });
    expect(claims.current.map(({ process }) => process)).toEqual([b]);
    claims.withdraw(b);
    expect(claims.current).toEqual([]);
    claims.marked(a, 'act', {});
    expect(claims.staleAct).toBe('a acted under token 1 after token 2 was granted');
  });

  it('without a token all count', () => {
    const claims = new Claims<typeof a>();
    claims.marked(a, 'own', {});
    claims.marked(b, 'own', {});
    expect(claims.current).toHaveLength(2);
    claims.marked(a, 'release', {});
    claims.marked(b, 'act', {});
    expect(claims.staleAct).toBeNull();
    claims.marked(a, 'act', {});
    expect(claims.staleAct).toBe('a acted as the owner without a claim');
  });
});
