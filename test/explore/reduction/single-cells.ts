// Pairs of programs whose order makes a difference because of one cell, which no other cell beside it would tell as well.
import type { Program } from '../../../src/ports/index.ts';
import { always, type World } from '../../../src/scenario/index.ts';
import { does, type Pair, raw, tells } from './pairs.ts';

const looks = does(({ fs }) => fs.stat('/'));

const marks = (name: string): Program =>
  does(({ mark, fs }) => {
    mark(name);
    return fs.stat('/');
  });

/** Looks at as little as is needed to know. */
const violatedIf = (is: (world: World) => boolean) => ({
  invariants: [always('it is not so', (world) => (is(world) ? 'it is' : null))],
});

const isOver = ({ processes }: World, name: string): boolean =>
  processes.some((process) => process.name === name && !process.alive);

export const SINGLE_CELLS: readonly Pair[] = [
  [
    'numbers of new inodes',
    does(({ fs }) => fs.writeFile('/d/b', '')),
    tells(async ({ fs }) => {
      await fs.writeFile('/e/b', '');
      return (await fs.stat('/e/b')).ino;
    }),
    { machine: { files: { '/d/a': '', '/e': null }, inodes: 'reused' } },
  ],
  [
    'the time of the last change',
    does(async ({ fs, clock }) => {
      await clock.sleep(3);
      await fs.rename('/d/a', '/d/b');
    }),
    tells(async ({ fs, clock }) => {
      const fd = await fs.open('/d/a', 'r');
      await clock.sleep(3);
      return (await fs.fstat(fd)).ctimeMs;
    }),
  ],
  [
    'which signals a process ignores',
    does((ports) => raw(ports, { op: 'sigaction', signal: 'SIGTERM', action: 'ignore' })),
    does(({ process }) => process.kill(1_001, 'SIGTERM')),
  ],
  [
    'how often a mark was made',
    marks('x'),
    looks,
    violatedIf((world) => world.marks.get('x') === undefined && isOver(world, 'b#1')),
  ],
  [
    'how many marks there are',
    marks('x'),
    looks,
    violatedIf((world) => world.marks.size === 0 && isOver(world, 'b#1')),
  ],
  [
    'claims',
    marks('own'),
    looks,
    violatedIf((world) => world.currentClaims.length === 0 && !isOver(world, 'a#1') && isOver(world, 'b#1')),
  ],
];
