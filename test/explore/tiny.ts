import { hasCode, isSystemError, type Keeps, type Ports, type Program } from '../../src/ports/index.ts';
import { eventually, type Scenario, scenario } from '../../src/scenario/index.ts';
import fc from '../fc.ts';

/** One thing that a process of a tiny model does. */
type Deed = readonly [name: keyof typeof DEEDS, ...paths: string[]];

const PATHS = ['/d', '/d/a', '/d/b', '/e'] as const;
/** Stands for a path of each process's own, and for that of the other one. */
export const OWN = '/d/own';
export const OTHERS = '/d/other';
const OWN_PATHS: readonly string[] = ['/d/p0', '/d/p1'];

const DEEDS = {
  create: (ports: Ports, path: string) => ports.fs.writeFile(path, 'x', { flag: 'wx' }),
  overwrite: (ports: Ports, path: string) => ports.fs.writeFile(path, 'y'),
  read: (ports: Ports, path: string) => ports.fs.readFile(path),
  list: (ports: Ports, path: string) => ports.fs.readdir(path),
  listSome: (ports: Ports, path: string) => ports.fs.readdir('/d', { prefix: path.slice('/d/'.length) }),
  look: async (ports: Ports, path: string) => (await ports.fs.stat(path)).kind,
  lookClosely: async (ports: Ports, path: string) => {
    const { nlink, mtimeMs } = await ports.fs.stat(path);
    return [nlink, mtimeMs];
  },
  remove: (ports: Ports, path: string) => ports.fs.unlink(path),
  makeDirectory: (ports: Ports, path: string) => ports.fs.mkdir(path),
  removeDirectory: (ports: Ports, path: string) => ports.fs.rmdir(path),
  move: (ports: Ports, from: string, to: string) => ports.fs.rename(from, to),
  link: (ports: Ports, from: string, to: string) => ports.fs.link(from, to),
  pause: (ports: Ports, path: string) => ports.clock.sleep(path.length),
  clock: (ports: Ports) => ports.clock.monotonicMs(),
  say: async (ports: Ports, path: string) => ports.mark(path === '/d' ? 'own' : 'act'),
  chance: async (ports: Ports) => (await ports.process.randomHex(2)).length,
  count: async (ports: Ports) => (await ports.process.list()).length,
} as const;

/** Mostly the same file: else hardly any two meet. */
const path = fc.constantFrom(...PATHS, '/d/a', '/d/a', '/d/a', OWN, OWN, OTHERS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('create', 'overwrite', 'read', 'list', 'look', 'remove'), path),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('create', 'create', 'overwrite', 'remove'), fc.constant(OWN)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('listSome', 'lookClosely'), path) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('link', 'move'), fc.constant(OWN), path) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('makeDirectory', 'removeDirectory'), path) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('move', 'link'), path, path) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('pause', 'clock', 'say', 'chance', 'count'), path) },
);

/** What two or three processes do, one deed after the other, whatever comes of it; its exit code tells what has come of it. */
export interface Tiny {
  readonly deeds: readonly (readonly Deed[])[];
  readonly same: boolean;
  readonly kills: number;
  readonly stops: number;
  readonly losses: number;
  /** An invariant looks at the files in the end. */
  readonly watched: boolean;
  readonly way: Way;
}

/**
 * How a process goes through its deeds: each in an episode, in one episode that is a loop, or all at once, each in an episode.
 * `lies`: it says that it keeps nothing.
 */
export type Way = 'plain' | 'episodes' | 'loop' | 'at once' | 'lies';

export const tiny: fc.Arbitrary<Tiny> = fc.record({
  deeds: fc.array(fc.array(deed, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 2 }),
  same: fc.boolean(),
  kills: fc.constantFrom(0, 0, 1),
  stops: fc.constantFrom(0, 0, 0, 1),
  losses: fc.constantFrom(0, 0, 0, 0, 0, 1),
  watched: fc.boolean(),
  way: fc.constantFrom<Way>('plain', 'episodes', 'loop', 'at once'),
});

export function scenarioOf({ deeds, same, kills, stops, losses, watched, way }: Tiny): Scenario {
  const lists = same ? [deeds[0]!, deeds[0]!] : deeds;
  const programs = Object.fromEntries(
    lists.map((list, i) => [same ? 'p0' : `p${i}`, doing(list, same ? 0 : i, way)]),
  );
  return scenario({
    id: 'tiny/model/any',
    programs,
    start: same ? [{ program: 'p0', count: 2 }] : lists.map((_, i) => ({ program: `p${i}` })),
    machine: {
      files: { '/d/a': 'a' },
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY },
    },
    faults: {
      kill: kills,
      stop: { max: stops, forMs: [3, Number.POSITIVE_INFINITY] },
      'lose-state': { max: losses, under: '/d' },
    },
    faultsForMs: 20,
    settleMs: 20,
    crashes: 'allowed',
    invariants: watched ? [eventually('files are looked at', (world) => (world.files() ? null : 'no'))] : [],
  });
}

/** @param number which of the two it is; 0 of both, when they are the same: then they share what would be each one's own */
function doing(list: readonly Deed[], number: number, way: Way): Program {
  const at = (path: string): string =>
    path === OWN ? OWN_PATHS[number]! : path === OTHERS ? OWN_PATHS[1 - number]! : path;
  return async (ports) => {
    let told = 0;
    const tell = (what: unknown): void => {
      for (const character of JSON.stringify(what ?? null))
        told = (told * 31 + character.charCodeAt(0)) % 251;
    };
    const perform = async ([name, first = '/d', second = '/d']: Deed): Promise<unknown> => {
      const deed = DEEDS[name] as (ports: Ports, a: string, b: string) => Promise<unknown>;
      try {
        return await deed(ports, at(first), at(second));
      } catch (error) {
        if (!isSystemError(error) || hasCode(error, 'EIO')) throw error;
        return error.code;
      }
    };
    const loop = async (keeps: Keeps): Promise<void> => {
      for (const [i, deed] of list.entries()) {
        keeps([i, told]);
        tell(await ports.summarize(() => perform(deed)));
      }
    };
    if (way === 'plain') for (const deed of list) tell(await perform(deed));
    else if (way === 'loop') await ports.summarize(loop, () => told);
    else if (way === 'at once')
      for (const what of await Promise.all(list.map((deed) => ports.summarize(() => perform(deed)))))
        tell(what);
    else
      for (const deed of list)
        await ports.summarize(
          async () => tell(await perform(deed)),
          () => (way === 'lies' ? null : told),
        );
    return told;
  };
}
