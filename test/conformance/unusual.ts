/** What programs rarely do, added to ordinary scripts: odd names, full directories, odd times, bad arguments. */
import fc from '../fc.ts';
import { HALF, type Spoil } from './odd-values.ts';
import type { Command, Script, Step } from './script.ts';

const op = <const Op extends string>(...ops: Op[]) => fc.constantFrom(...ops);
const slot = fc.nat({ max: 2 });
const directory = fc.constantFrom('.', 'a', 'b', 'a/a', 'd', 'c');

/** At the limits of Linux, and beyond; and names that UTF-8 makes equal. */
const NAMES = [
  ...['x'.repeat(255), 'x'.repeat(256), '\u00e9'.repeat(127), '\u00e9'.repeat(128), '\u{1f600}'],
  ...[HALF, '\ufffd', HALF, '\ufffd', `a${HALF}`, 'a\ufffd'],
];
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES).map((name) => `missing/${name}`) },
  // With the path of the directory, around the limit of a path.
  { weight: 1, arbitrary: fc.integer({ min: 1_990, max: 2_050 }).map((count) => `${'./'.repeat(count)}a`) },
);
const namedOrUsual = fc.oneof(name, fc.constantFrom('a', 'b', 'c', 'missing'));

const timeMs = fc.constantFrom(0, 1_000, 1_500.5, 2000.123456, 1_700_000_000_999.5, 4_102_444_800_001);

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ op: op('opendir'), slot, path: directory }),
  fc.record({ op: op('readNext'), slot, prefix: op('', '', 'n1') }),
  fc.record({ op: op('readNext', 'readNext'), slot, prefix: fc.constant('') }),
  fc.record({ op: op('fstat', 'fsync', 'close'), slot }),
  fc.record({
    op: op('read'),
    slot: fc.nat({ max: 3 }),
    length: fc.constantFrom(0, 0, 2),
    position: fc.constantFrom(null, -1, 1),
  }),
  fc.record({
    op: op('utimes'),
    path: fc.constantFrom('a', 'b', 'a/b', 'c'),
    atimeMs: timeMs,
    mtimeMs: timeMs,
  }),
  fc.record({ op: op('stat', 'lstat', 'statfs', 'unlink', 'rmdir', 'readlink'), path: name }),
  fc.record({ op: op('mkdir'), path: name, mode: fc.constant(0o777) }),
  fc.record({ op: op('rename', 'link'), from: namedOrUsual, to: name }),
  fc.record({ op: op('rename', 'link'), from: name, to: namedOrUsual }),
  fc.record({ op: op('symlink'), target: name, path: namedOrUsual }),
  fc.record({
    op: op('open'),
    slot,
    path: name,
    flags: fc.constantFrom(0o102, 0o302),
    mode: fc.constant(0o666),
  }),
);

/** Many names in a directory, which is read while some of them go. */
const crowded: fc.Arbitrary<Step[]> = fc
  .record({
    actor: fc.nat({ max: 1 }),
    slot,
    path: directory,
    count: fc.integer({ min: 25, max: 45 }),
    reads: fc.nat({ max: 2 }),
    gone: fc.uniqueArray(fc.nat({ max: 45 }), { maxLength: 4 }),
    how: op('opendir', 'open'),
  })
  .map(({ actor, slot, path, count, reads, gone, how }): Step[] => {
    const next: Step = { actor, command: { op: 'readNext', slot, prefix: '' } };
    return [
      { actor, command: { op: 'fill', path, count } },
      {
        actor,
        command: how === 'opendir' ? { op: how, slot, path } : { op: how, slot, path, flags: 0, mode: 0 },
      },
      ...Array.from({ length: reads }, () => next),
      ...gone.map((at): Step => ({ actor, command: { op: 'unlink', path: `${path}/n${at}` } })),
      next,
    ];
  });

const bulky: fc.Arbitrary<Step[]> = fc.constant([{ actor: 0, command: { op: 'bulk', path: 'bulk' } }]);

const addition = fc.record({
  at: fc.nat(),
  steps: fc.oneof(
    {
      weight: 40,
      arbitrary: fc.record({ actor: fc.nat({ max: 1 }), command }).map((step): Step[] => [step]),
    },
    { weight: 2, arbitrary: crowded },
    { weight: 1, arbitrary: bulky },
  ),
});

/** Inserts what is unusual for files. */
export function withUnusualFiles(scripts: fc.Arbitrary<Script>): fc.Arbitrary<Script> {
  return fc
    .tuple(scripts, fc.array(addition, { maxLength: 8, size: 'max' }))
    .map(([script, additions]) => additions.reduce(inserted, script));
}

function inserted({ users, steps }: Script, { at, steps: more }: { at: number; steps: Step[] }): Script {
  const place = at % (steps.length + 1);
  return { users, steps: [...steps.slice(0, place), ...more, ...steps.slice(place)] };
}

const spoil: fc.Arbitrary<Spoil> = fc.record({ which: fc.nat({ max: 5 }), value: fc.nat({ max: 99 }) });

/** Gives some commands a bad argument: of each operation of a script as often, however often it occurs. */
export function withBadArguments(scripts: fc.Arbitrary<Script>): fc.Arbitrary<Script> {
  return fc
    .tuple(scripts, fc.array(fc.tuple(fc.nat(), fc.nat(), spoil), { maxLength: 5, size: 'max' }))
    .map(([{ users, steps }, spoils]) => {
      const all = [...steps];
      const ops = [...new Set(steps.map(({ command: { op } }) => op))];
      for (const [of, at, spoil] of spoils) {
        const op = ops[of % ops.length];
        const places = [...all.keys()].filter((place) => all[place]!.command.op === op);
        const place = places[at % places.length]!;
        all[place] = { ...all[place]!, spoil };
      }
      return { users, steps: all };
    });
}
