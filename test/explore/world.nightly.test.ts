// What invariants may read of a world: for each public member two programs whose order it shows. What a predicate can see in
// some schedule, it must see in a search that leaves schedules out.
import { expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/index.ts';
import type { MarkData, Program } from '../../src/ports/index.ts';
import { always, eventually, type Invariant, scenario } from '../../src/scenario/index.ts';
import type { Owner } from '../../src/scenario/observed/owner-spec.ts';
import { World } from '../../src/scenario/world.ts';

/** What is not for invariants: how a machine and a run report to the world, and what copies and compares it. */
const NOT_READ: ReadonlySet<string> = new Set([
  ...[
    'constructor',
    'started',
    'ended',
    'marked',
    'signalled',
    'happened',
    'stepped',
    'rebooted',
    'advanced',
    'fault',
  ],
  ...['copyFrom', 'visit', 'printed'],
]);

const PREDICATES = { always, eventually };

interface Row {
  /** The member that is read. */
  readonly member: keyof World;
  readonly how: string;
  readonly see: (world: World) => unknown;
  readonly programs: Readonly<Record<string, Program>>;
  readonly remembers?: Invariant;
  /** How owners are known. Default: by marks. */
  readonly owner?: Owner;
  /**
   * How many different things are seen in an `always` and in an `eventually`, where plain enumeration, from which the numbers are,
   * takes seconds.
   */
  readonly seen?: Readonly<Record<keyof typeof PREDICATES, number>>;
  /** Whether the order makes no difference to what is seen at the end. */
  readonly endsAlike?: true;
}

/** Looks at a file of its own, then marks each of these in one step, and looks again. */
const says =
  (own: string, ...all: readonly (readonly [name: string, data?: MarkData])[]): Program =>
  async ({ fs, mark }) => {
    await fs.exists(own);
    for (const [name, data] of all) mark(name, data);
    // Who has ended first is part of the state: both go on.
    await fs.exists(own);
  };
/** Marks that it evicts itself. */
const evicts: Program = async ({ process, mark }) => mark('evict', { pid: (await process.self()).pid });
const continues: Program = async ({ process }) => process.kill((await process.self()).pid, 'SIGCONT');
const spawns: Program = async ({ process }) => void (await process.spawn(['child']));
/** Token 1 is for the process that removes the file first, 2 for the other one. */
const takes: Program = async ({ fs, mark }) => {
  const token = await fs.unlink('/d/x').then(
    () => 1,
    () => 2,
  );
  mark('own', { token });
};
const PORT = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 } as const;
const listens: Program = async ({ net, clock }) => {
  await net.listen(PORT).catch(() => {});
  await clock.sleep(1_000);
};
/** Looks at a file of its own, then owns for a while. */
const owns =
  (own: string): Program =>
  async ({ fs, mark, clock }) => {
    await fs.exists(own);
    mark('own');
    await clock.sleep(10_000);
  };
/** Writes its PID into a file. */
const names: Program = async ({ fs, process, clock }) => {
  await fs.writeFile('/d/pid', `${(await process.self()).pid}`);
  await clock.sleep(1_000);
};
/** Is named in a file for a while, if there is none before. */
const isNamed: Program = async ({ fs, process, clock }) => {
  await fs.writeFile('/d/x', `${(await process.self()).pid}`, { flag: 'wx' }).catch(() => {});
  await fs.unlink('/d/x').catch(() => {});
  await clock.sleep(1_000);
};
const removes: Program = async ({ fs, clock }) => {
  await fs.unlink('/d/x').catch(() => {});
  await clock.sleep(1_000);
};
const BOTH_MARK = { a: says('/a', ['a']), b: says('/b', ['b']) };
const BOTH_END: Row['programs'] = { a: says('/a'), b: says('/b') };
/** Remembers which processes have ended, in the order of their ends. */
const remembersEnds = always('ends are remembered', ({ processes, invariantState }) => {
  for (const { name, alive } of processes)
    if (!alive && !invariantState.has(name)) invariantState.set(name, true);
  return null;
});

const ROWS: readonly Row[] = [
  { member: 'marks', how: 'keys', see: ({ marks }) => [...marks.keys()], programs: BOTH_MARK },
  { member: 'marks', how: 'pairs', see: ({ marks }) => [...marks], programs: BOTH_MARK },
  { member: 'marks', how: 'entries', see: ({ marks }) => [...marks.entries()], programs: BOTH_MARK },
  {
    ...{ member: 'marks', how: 'each', programs: BOTH_MARK },
    see: ({ marks }) => {
      const names: string[] = [];
      marks.forEach((_, name) => {
        names.push(name);
      });
      return names;
    },
  },
  {
    ...{ member: 'marks', how: 'values', see: ({ marks }) => [...marks.values()] },
    programs: { a: says('/a', ['a'], ['a']), b: says('/b', ['b']) },
  },
  {
    ...{
      member: 'marks',
      how: 'one and the size',
      endsAlike: true,
      see: ({ marks }) => [marks.get('a'), marks.has('b'), marks.size],
    },
    programs: BOTH_MARK,
  },
  {
    ...{ member: 'marks', how: 'one by one', programs: BOTH_MARK, endsAlike: true },
    see: ({ marks }) => [marks.has('a'), marks.has('b')],
  },
  {
    ...{ member: 'invariantState', how: 'the order of keys', programs: BOTH_END, remembers: remembersEnds },
    see: ({ invariantState }) => [...invariantState.keys()],
  },
  {
    ...{ member: 'notes', how: 'the order of pairs', programs: BOTH_END, remembers: remembersEnds },
    see: ({ notes }) => [...notes],
  },
  {
    ...{ member: 'currentClaims', how: 'their order' },
    see: ({ currentClaims }) => currentClaims.map(({ process }) => process.name),
    programs: {
      a: async ({ clock, mark, fs }) => {
        await fs.exists('/a');
        mark('own');
        await clock.sleep(10_000);
      },
      b: async ({ clock, mark, fs }) => {
        await fs.exists('/b');
        mark('own');
        await clock.sleep(10_000);
      },
    },
  },
  {
    ...{ member: 'owners', how: 'by their marks', see: ({ owners }) => owners.map(({ name }) => name) },
    programs: { a: owns('/a'), b: owns('/b') },
  },
  {
    ...{ member: 'owners', how: 'by a file', see: ({ owners }) => owners.map(({ name }) => name) },
    ...{ owner: { isNamedIn: '/d/pid' }, programs: { a: names, b: names } },
  },
  {
    ...{ member: 'observation', how: 'who has owned', owner: { isNamedIn: '/d/x' } },
    see: ({ observation }) => observation.processes.map(({ hasOwned }) => hasOwned),
    programs: { a: isNamed, b: removes },
  },
  {
    ...{ member: 'namedIn', how: 'the process', see: (world) => world.namedIn('/d/pid')?.name ?? null },
    programs: { a: names, b: names },
  },
  {
    ...{ member: 'listeningAt', how: 'the process' },
    see: (world) => world.listeningAt({ tcpPort: PORT.tcpPort }).map(({ name }) => name),
    programs: { a: listens, b: listens },
  },
  {
    ...{ member: 'staleAct', how: 'the first', see: ({ staleAct }) => staleAct },
    programs: { a: says('/a', ['act']), b: says('/b', ['act']) },
  },
  {
    ...{
      member: 'grantedTokens',
      how: 'the number',
      see: ({ grantedTokens }) => grantedTokens,
    },
    programs: {
      a: says('/a', ['own', { token: 1 }], ['release'], ['own', { token: 1 }], ['release']),
      b: async ({ fs, mark }) => {
        const isThere = await fs.exists('/f');
        mark('own', { token: 1 });
        mark(isThere ? 'release' : 'own', { token: 1 });
        mark(isThere ? 'own' : 'release', { token: 1 });
      },
      c: ({ fs }) => fs.mkdir('/f'),
    },
  },
  {
    ...{ member: 'fallenToken', how: 'the first', see: ({ fallenToken }) => fallenToken },
    programs: { a: says('/a', ['own', { token: 2 }]), b: says('/b', ['own', { token: 1 }]) },
  },
  {
    ...{
      member: 'repeatedToken',
      how: 'to whom it was granted before',
      see: ({ repeatedToken }) => repeatedToken,
    },
    programs: {
      a: takes,
      b: takes,
      c: async ({ clock, mark }) => {
        await clock.sleep(5);
        mark('own', { token: 1 });
      },
    },
  },
  {
    ...{
      member: 'evictions',
      how: 'their order',
      see: ({ evictions }) => evictions.map(({ by }) => by.name),
    },
    programs: { a: evicts, b: evicts },
  },
  {
    ...{
      member: 'signals',
      how: 'their order',
      see: ({ signals }) => signals.map(({ sender }) => sender.name),
    },
    programs: { a: continues, b: continues },
  },
  {
    ...{ seen: { always: 11, eventually: 7 }, member: 'processes', how: 'their order' },
    see: ({ processes }) => processes.map(({ name, pid, parent }) => [name, pid, parent?.name]),
    programs: { a: spawns, b: spawns },
  },
  {
    ...{ member: 'files', how: 'their order', see: (world) => Object.keys(world.files()) },
    programs: {
      a: ({ fs }) => fs.writeFile('/d/a', ''),
      b: ({ fs }) => fs.writeFile('/d/b', ''),
    },
  },
  {
    ...{
      member: 'listenersOn',
      how: 'who',
      see: (world) => world.listenersOn(50_000).map(({ name }) => name),
    },
    programs: { a: listens, b: listens },
  },
  {
    ...{
      member: 'nowMs',
      how: 'and what has happened',
      endsAlike: true,
      see: ({ nowMs, marks }) => [nowMs, marks.has('a')],
    },
    programs: {
      a: async ({ fs, clock, mark }) => {
        await clock.sleep((await fs.exists('/d/b')) ? 5 : 7);
        mark('a');
      },
      b: ({ fs }) => fs.writeFile('/d/b', ''),
    },
  },
  {
    ...{ member: 'machine', how: 'its clock and its files' },
    see: ({ machine }) => [machine.nowUs, Object.keys(machine.fs.toJSON())],
    programs: {
      a: ({ fs }) => fs.writeFile('/d/a', ''),
      b: ({ fs }) => fs.writeFile('/d/b', ''),
    },
  },
];

/** Looks at all that a predicate sees in a search, as text. What it returns is its complaint. */
async function search(
  { see, programs, remembers, owner }: Row,
  when: keyof typeof PREDICATES,
  options: ExploreOptions,
  complain: (seen: string) => string | null,
) {
  const looks = PREDICATES[when]('looks', (world) => complain(JSON.stringify(see(world))));
  const model = scenario({
    id: 'world/model/pair',
    programs: { ...programs, child: async () => {} },
    start: Object.keys(programs).map((program) => ({ program })),
    machine: {
      files: { '/d/x': '' },
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY },
    },
    ...{ faults: {}, faultsForMs: 20, settleMs: 20, crashes: 'allowed' },
    ...(owner !== undefined && { owner }),
    invariants: remembers === undefined ? [looks] : [remembers, looks],
  });
  return explore(model, { isolation: false, ...options });
}

it.each(
  ROWS.flatMap((row) =>
    (['always', 'eventually'] as const).map((when) => [row.member, row.how, when, row] as const),
  ),
)('%s: %s, in an %s', async (_member, _how, when, row) => {
  const all = new Set<string>();
  // Other searches make some runs beforehand, at random: what these see proves nothing of a search, a violation does.
  const { complete } = await search(row, when, row.seen === undefined ? { reduce: false } : {}, (seen) => {
    all.add(seen);
    return null;
  });
  expect(complete).toBe(true);
  // It would prove nothing if no order made a difference.
  if (row.seen !== undefined) expect(all.size).toBe(row.seen[when]);
  else expect(all.size).toBeGreaterThan(when === 'eventually' && row.endsAlike ? 0 : 1);
  for (const one of all)
    for (const options of [{}, { reduceOrders: false }]) {
      const { violations } = await search(row, when, options, (seen) => (seen === one ? 'is seen' : null));
      expect([one, options, violations.length]).toEqual([one, options, 1]);
    }
});

it('has a row for each member that invariants may read', () => {
  const members = [...Object.getOwnPropertyNames(World.prototype), ...Object.keys(new World())];
  const rows = new Set<string>(ROWS.map(({ member }) => member));
  expect(members.filter((member) => !rows.has(member) && !NOT_READ.has(member))).toEqual([]);
});
