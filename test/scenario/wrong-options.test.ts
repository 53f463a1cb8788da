// Every option of a scenario, given a wrong value or a wrong name: the message says what was got, what is accepted, and an example that works.
import { describe, expect, it } from 'vitest';
import { acceptsAt } from '../../src/scenario/accepted-values.ts';
import * as invariants from '../../src/scenario/index.ts';
import { scenario } from '../../src/scenario/index.ts';
import { MACHINE_FIELDS, SETTINGS_FIELDS, START_FIELDS, shape } from '../../src/scenario/schema.ts';
import { FAULT_NAMES } from '../../src/sim/index.ts';

type Path = readonly (string | number)[];

const VALID = {
  id: 'a/b/c',
  programs: { daemon: async () => 0, shell: async () => 0 },
  start: [{ program: 'shell' }, { program: 'daemon' }],
  invariants: [invariants.atMostOneOwner],
};

const PLACES: Path[] = [
  ...Object.keys(shape.shape).map((option) => [option]),
  ...START_FIELDS.map((field) => ['start', 1, field]),
  ['start', 1, 'argv', 0],
  ['start', 1],
  ...MACHINE_FIELDS.map((field) => ['machine', field]),
  ['machine', 'files', '/a'],
  ['machine', 'twoPhase', 0],
  ...FAULT_NAMES.map((name) => ['faults', name]),
  ...FAULT_NAMES.flatMap((name) => SETTINGS_FIELDS.map((setting) => ['faults', name, setting])),
  ...FAULT_NAMES.map((name) => ['faults', name, 'forMs', 0]),
  ['programs', 'daemon'],
  ['invariants', 0],
];

/** Values of which at least some are wrong at any place. */
const WRONG: readonly (readonly [unknown, string])[] = [
  [-1.5, '-1.5'],
  [Number.NaN, 'NaN'],
  [true, 'true'],
  [null, 'null'],
  ['\u001b[31mwrong', String.raw`"\u001b[31mwrong"`],
  [{ wrong: 1 }, '{"wrong":1}'],
  [[[]], '[[]]'],
];

/** The valid options, with a value at a place. */
function withValue(path: Path, value: unknown): Record<string, unknown> {
  const options: Record<string, unknown> = { ...VALID, start: VALID.start.map((start) => ({ ...start })) };
  let at: Record<PropertyKey, unknown> = options;
  for (const [i, key] of path.slice(0, -1).entries()) {
    const before = at[key];
    const next = typeof path[i + 1] === 'number' ? [] : {};
    at[key] = before === undefined ? next : Array.isArray(before) ? [...before] : { ...(before as object) };
    at = at[key] as Record<PropertyKey, unknown>;
  }
  at[path.at(-1)!] = value;
  return options;
}

/** `start[1].count`, as JavaScript reads it. */
function nameOf(path: Path): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    if (!/^\w+$/.test(key)) return `${name}[${JSON.stringify(key)}]`;
    return name === '' ? key : `${name}.${key}`;
  }, '');
}

function messageOf(options: unknown): string | null {
  try {
    scenario(options as never);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(invariants.ScenarioError);
    return (error as Error).message;
  }
}

describe.each(PLACES.map((path) => [nameOf(path), path] as const))('%s', (name, path) => {
  const accepts = acceptsAt(path);

  it('refuses wrong values, and says what was got and is accepted', () => {
    const refused = WRONG.map(([value, shown]) => [messageOf(withValue(path, value)), shown] as const);
    const messages = refused.filter(([message]) => message !== null);
    expect(messages.length).toBeGreaterThan(2);
    for (const [message, shown] of messages) {
      expect(message).not.toMatch(/[\u0000-\u001f]|Invalid|→|expected (?:string|number|array|object|int)\b/);
      // A wrong name or value deeper inside is described at its own place.
      if (!message!.includes(`${name}: got `)) expect(message).toContain(String(path.at(-1)));
      else if (!message!.includes('which is not'))
        expect(message).toContain(`${name}: got ${shown}, expected ${accepts!.what}`);
      if (!message!.includes('is not known')) expect(message).toMatch(/, such as \S|: expected a|accepted: /);
    }
    expect(messages.some(([message]) => message!.includes(`${name}: got `))).toBe(true);
  });

  it('has an example that is accepted', () => {
    const [, key, source] = /^('?[\w-]+'?): (.*)$/s.exec(accepts!.example)!;
    const scope = Object.entries({ ...invariants });
    const make = new Function(...scope.map(([word]) => word), `return ${source}`);
    const value = make(...scope.map(([, exported]) => exported));
    // The example may be of a whole that has this place.
    const at = path.map(String).lastIndexOf(key!.replaceAll("'", ''));
    expect(at, `${key} is a part of ${name}`).toBeGreaterThanOrEqual(0);
    const options = withValue(path.slice(0, at + 1), value);
    if (key === 'pid') Object.assign((options.start as object[])[1]!, { pidNamespace: 'blue' });
    if (key === 'programs') options.start = [{ program: 'daemon' }];
    if (key === 'violates') options.invariants = [invariants.atMostOneOwner];
    if (path[0] === 'faults' && path[1] === 'port-grab' && path[2] !== undefined)
      Object.assign((options.faults as Record<string, object>)['port-grab']!, { tcpPort: 4711 });
    expect(messageOf(options)).toBeNull();
  });
});

describe('a misspelled name', () => {
  it.each<[object, string]>([
    [{ fautls: {} }, '"fautls" is not known; did you mean faults? Accepted: id, '],
    [{ faults: { sotp: 1 } }, 'faults: "sotp" is not known; did you mean stop? Accepted: kill, stop, '],
    [
      { faults: { stop: { formMs: [1] } } },
      'faults.stop: "formMs" is not known; did you mean forMs? Accepted: max, ',
    ],
    [{ machine: { busyms: 1 } }, 'machine: "busyms" is not known; did you mean busyMs? Accepted: files, '],
    [
      { start: [{ program: 'daemon', cuont: 1 }] },
      'start[0]: "cuont" is not known; did you mean count? Accepted: ',
    ],
    [
      { start: [{ program: 'deamon' }] },
      'start[0].program: got "deamon", which is not one of the programs; did you mean daemon? Accepted: daemon, shell',
    ],
    [{ start: [{ program: 'daemon', phase: 'setle' }] }, "such as phase: 'settle'; did you mean settle?"],
    [
      { expects: 'violaton' },
      'expected one of "pass", "violation", such as expects: \'pass\'; did you mean violation?',
    ],
    [
      { programs: [async function daemon() {}, () => 0] },
      'programs: got [function daemon,function], expected an object of programs, each a function',
    ],
    [{ machine: { twoPhase: ['renmae'] } }, 'did you mean rename?'],
    [{ invariants: ['at most one onwer'] }, 'did you mean atMostOneOwner, which one-survivor exports?'],
    [{ invariants: ['tokenRise'] }, 'did you mean tokensRise, which one-survivor exports?'],
    [
      { violates: 'at most one onwer' },
      'violates: got "at most one onwer", which is not an invariant of the scenario; did you mean at most one owner? Accepted: at most one owner, no program crashes, ',
    ],
  ])('%j', (wrong, message) => {
    expect(messageOf({ ...VALID, ...wrong })).toContain(message);
  });
});
