// For each part of the state a minimal pair of programs in which the order of two operations makes a difference because of
// that part alone.
import { explore } from '../../../src/explore/index.ts';
import { isSystemError, type Operation, type Ports, type Program, seamOf } from '../../../src/ports/index.ts';
import type { Run } from '../../../src/run/index.ts';
import {
  always,
  type Invariant,
  type ScenarioOptions,
  scenario,
  type World,
} from '../../../src/scenario/index.ts';

const TCP = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 } as const;
const UNIX = { kind: 'unix', path: '/d/socket' } as const;

/** Other settings of a pair than the usual ones. */
export interface More extends Partial<ScenarioOptions> {
  /** How many outcomes there are at least. Default: 2. */
  readonly outcomes?: number;
}

/** What an operation comes to: a small number. */
async function told(work: Promise<unknown>): Promise<number> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    result = error.code;
  }
  const text = JSON.stringify(result ?? null);
  return [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 251, 7);
}

const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => {});

/** An operation that no port has a method for. */
export function raw(ports: Ports, asked: Operation): Promise<unknown> {
  const { machine, process } = seamOf(ports);
  return new Promise((resolve, reject) => machine.execute(process, asked, resolve, reject));
}

/** Its exit code says what became of one operation. */
export const tells =
  (work: (ports: Ports) => Promise<unknown>): Program =>
  (ports) =>
    told(work(ports));
export const does =
  (work: (ports: Ports) => Promise<unknown>): Program =>
  async (ports) => {
    await quietly(work(ports));
    return 0;
  };

const stat = (field: 'mode' | 'uid' | 'gid' | 'nlink' | 'size' | 'atimeMs' | 'mtimeMs' | 'ctimeMs') =>
  tells(async ({ fs }) => (await fs.stat('/d/a'))[field]);

/** Opens something, and leaves it to two processes. */
const launches =
  (open: (ports: Ports) => Promise<number[]>): Program =>
  async (ports) => {
    const inherit = await open(ports);
    for (const child of ['c', 'd'])
      await raw(ports, { op: 'spawn', command: [child], detached: true, inherit });
    return 0;
  };
const shared = (c: Program, d: Program): More => ({
  programs: { c, d },
  start: [{ program: 'a' }],
  machine: { files: { '/d/a': 'xy' } },
});

async function pipe(ports: Ports): Promise<number[]> {
  const { readFd, writeFd } = (await raw(ports, { op: 'pipe' })) as { readFd: number; writeFd: number };
  return [readFd, writeFd];
}

const connectsAndSends = (letter: string): Program =>
  does(async (ports) => {
    const fd = (await raw(ports, { op: 'connectStream', address: TCP, timeoutMs: 3 })) as number;
    await raw(ports, { op: 'send', fd, data: letter });
  });

/** An invariant that only remembers, and one that never fails. */
function looking(look: (world: World) => unknown): Invariant {
  return always('is looked at', (world) => (look(world) === undefined ? null : null));
}

/** What it is about, and two programs. */
export type Pair = readonly [part: string, a: Program, b: Program, more?: More];

export const PAIRS: readonly Pair[] = [
  ['content', does(({ fs }) => fs.writeFile('/d/a', 'new')), tells(({ fs }) => fs.readFile('/d/a'))],
  ['size', does(({ fs }) => fs.writeFile('/d/a', 'longer than before')), stat('size')],
  ['mode', does(({ fs }) => fs.chmod('/d/a', 0o600)), stat('mode')],
  ['uid', does(({ fs }) => fs.chown('/d/a', 5, 0)), stat('uid')],
  ['gid', does(({ fs }) => fs.chown('/d/a', 0, 5)), stat('gid')],
  ['nlink', does(({ fs }) => fs.link('/d/a', '/e')), stat('nlink')],
  ['atime', does(({ fs }) => fs.utimes('/d/a', 1, 2)), stat('atimeMs')],
  ['mtime', does(({ fs }) => fs.utimes('/d/a', 1, 2)), stat('mtimeMs')],
  [
    'a time that is set, and one that becomes the present',
    does(({ fs }) => fs.utimes('/d/a', 1, 2)),
    tells(async ({ fs }) => {
      const seen: number[] = [];
      for (let i = 0; i < 2; i++) {
        await fs.writeFile('/d/a', 'a', { flag: 'r+' });
        const { atimeMs, mtimeMs } = await fs.stat('/d/a');
        seen.push(atimeMs, mtimeMs);
      }
      return seen;
    }),
    { outcomes: 5 },
  ],
  [
    'ctime',
    async ({ fs, clock }) => {
      await clock.sleep(3);
      await quietly(fs.chmod('/d/a', 0o600));
      return 0;
    },
    async ({ fs, clock }) => {
      await clock.sleep(3);
      return (await fs.stat('/d/a')).ctimeMs % 100;
    },
  ],
  ['a name', does(({ fs }) => fs.writeFile('/d/b', '')), tells(({ fs }) => fs.lstat('/d/b').then(() => 0))],
  [
    'a name that both create',
    tells(({ fs }) => fs.writeFile('/d/b', '', { flag: 'wx' })),
    tells(({ fs }) => fs.writeFile('/d/b', '', { flag: 'wx' })),
  ],
  [
    'a name that one creates and the other removes',
    does(({ fs }) => fs.writeFile('/d/b', '')),
    tells(({ fs }) => fs.unlink('/d/b')),
  ],
  ['all names', does(({ fs }) => fs.writeFile('/d/b', '')), tells(({ fs }) => fs.readdir('/d'))],
  [
    'names with a prefix',
    does(({ fs }) => fs.writeFile('/d/bx', '')),
    tells(({ fs }) => fs.readdir('/d', { prefix: 'b' })),
  ],
  [
    'the order of names',
    does(({ fs }) => fs.writeFile('/d/b', '')),
    async ({ fs, clock }) => {
      await quietly(fs.writeFile('/d/c', ''));
      await clock.sleep(5);
      return told(fs.readdir('/d'));
    },
  ],
  ['whether a directory is empty', does(({ fs }) => fs.unlink('/d/a')), tells(({ fs }) => fs.rmdir('/d'))],
  [
    'whether a directory to be replaced is empty',
    does(({ fs }) => fs.writeFile('/e/new', '')),
    tells(({ fs }) => fs.rename('/d', '/e')),
    { machine: { files: { '/d/a': 'a', '/e': null } } },
  ],
  [
    'where a directory is',
    does(({ fs }) => fs.rename('/d', '/e')),
    tells(async ({ fs }) => fs.realpath('.')),
    { outcomes: 1 },
  ],
  [
    'where a path leads',
    does(({ fs }) => fs.rename('/d', '/e')),
    tells(({ fs }) => fs.stat('/d/a').then(({ size }) => size)),
  ],
  [
    'a symbolic link on the way',
    async ({ fs }) => {
      await quietly(fs.unlink('/s'));
      return 0;
    },
    async ({ fs, clock }) => {
      await quietly(fs.symlink('/d', '/s'));
      await clock.sleep(1);
      return told(fs.realpath('/s/a'));
    },
    { machine: { files: { '/d/a': 'a', '/s': 'a file' } } },
  ],
  [
    'a link whose text is an error code',
    does(({ fs }) => fs.symlink('ENOENT', '/d/l')),
    async ({ fs }) => {
      try {
        await fs.readlink('/d/l');
        return 1;
      } catch {
        return 2;
      }
    },
  ],
  [
    'a file that has lost its name',
    async ({ fs }) => {
      const fd = await fs.open('/d/a', 'r+');
      return told(fs.fstat(fd).then(({ nlink }) => nlink));
    },
    does(({ fs }) => fs.unlink('/d/a')),
    { crashes: 'allowed' },
  ],
  [
    'space on the disk',
    does(({ fs }) => fs.unlink('/d/a')),
    tells(({ fs }) => fs.writeFile('/d/b', 'more than fits')),
    { machine: { files: { '/d/a': 'eight by' }, capacityBytes: 16 } },
  ],
  [
    'numbers of inodes that are used again',
    does(({ fs }) => fs.unlink('/d/a')),
    tells(async ({ fs }) => {
      await fs.writeFile('/d/b', '');
      return (await fs.stat('/d/b')).ino;
    }),
    { machine: { files: { '/d/a': '' }, inodes: 'reused' } },
  ],
  [
    'a command',
    does((ports) => raw(ports, { op: 'setTitle', title: 'another' })),
    tells(async ({ process }) => (await process.info(1_001)).command),
  ],
  [
    'the state of a process',
    async () => 0,
    tells(async ({ process }) => process.info(1_001).then(({ state }) => state)),
  ],
  [
    'a process that is stopped',
    async ({ clock }) => {
      const before = await clock.monotonicMs();
      return (await clock.monotonicMs()) - before > 2 ? 1 : 2;
    },
    async ({ process, clock }) => {
      await quietly(process.kill(1_001, 'SIGSTOP'));
      await clock.sleep(5);
      await quietly(process.kill(1_001, 'SIGCONT'));
      return 0;
    },
  ],
  [
    'which processes there are',
    does(({ process }) => process.spawn(['child'])),
    tells(async ({ process }) => (await process.list()).length),
    { programs: { child: async ({ clock }) => clock.sleep(5) } },
  ],
  [
    'which PID comes next',
    tells(async ({ process }) => (await process.spawn(['child'])).pid),
    tells(async ({ process }) => (await process.spawn(['child'])).pid),
    { programs: { child: async () => {} } },
  ],
  [
    'the parent of an orphan',
    async ({ process }) => {
      await process.spawn(['child'], { detached: true });
      return 0;
    },
    async () => 0,
    { programs: { child: tells(async ({ process }) => (await process.self()).ppid) } },
  ],
  [
    'how a child has ended',
    async ({ process }) => {
      const { exited } = await process.spawn(['child']);
      const { code } = await exited;
      return code ?? 99;
    },
    async ({ process }) => {
      await quietly(process.kill(1_003, 'SIGKILL'));
      return 0;
    },
    { programs: { child: async () => 7 } },
  ],
  [
    'what a process does about a signal',
    async ({ process }) => {
      await process.onSignal(['SIGTERM'], () => {});
      return 0;
    },
    async ({ process }) => {
      await quietly(process.kill(1_001, 'SIGTERM'));
      return 0;
    },
  ],
  [
    'the clock',
    async ({ clock }) => {
      await clock.sleep(4);
      return 0;
    },
    async ({ clock, fs }) => {
      await quietly(fs.stat('/d'));
      return ((await clock.monotonicMs()) % 200) | 0;
    },
    { machine: { busyMs: 5 } },
  ],
  [
    'the wall clock',
    tells(({ clock }) => clock.wallMs()),
    async () => 0,
    { faults: { 'clock-jump': { max: 1, forMs: [500] } } },
  ],
  [
    'the host name',
    tells(({ process }) => process.self().then(({ hostname }) => hostname)),
    async () => 0,
    { faults: { 'host-name': 1 } },
  ],
  [
    'conditions of faults',
    tells(({ fs }) => fs.readFile('/d/a')),
    async () => 0,
    { faults: { eio: { max: 1, forMs: [0] } } },
  ],
  [
    'a TCP port',
    tells(({ net }) => net.listen(TCP).then(() => 1)),
    tells(({ net }) => net.listen(TCP).then(() => 1)),
    { faultsForMs: 5, settleMs: 5 },
  ],
  [
    'who listens on a TCP port',
    does(async ({ net }) => {
      const fd = await net.listen(TCP);
      await net.close(fd);
    }),
    tells(async ({ probe }) => (await probe.holders(TCP.tcpPort)).length),
  ],
  [
    'which port is free',
    tells(async ({ net }) => {
      const fd = await net.listen({ ...TCP, tcpPort: 0 });
      const { tcpPort } = (await net.addressOf(fd)) as typeof TCP;
      await net.close(fd);
      return tcpPort;
    }),
    does(async ({ net }) => {
      const fd = await net.listen({ ...TCP, tcpPort: 0 });
      await net.close(fd);
    }),
  ],
  [
    'a Unix socket',
    does(async ({ net }) => {
      const fd = await net.listen(UNIX);
      await net.close(fd);
    }),
    tells(({ probe }) => probe.connect(UNIX, 5)),
  ],
  [
    'the queue of a listener',
    async ({ net, clock }) => {
      const fd = await net.listen(TCP);
      const late = clock.sleep(8).then(() => net.close(fd));
      const { request, body } = await net.accept(fd);
      await net.answer(request, { status: 200, body: '' });
      await late;
      return body.charCodeAt(0);
    },
    tells(({ probe }) => probe.request(TCP, { path: '/', body: 'b' }, 3).then(({ status }) => status)),
    {
      programs: {
        c: tells(({ probe }) => probe.request(TCP, { path: '/', body: 'c' }, 3).then(({ status }) => status)),
      },
      start: [{ program: 'a' }, { program: 'b' }, { program: 'c' }],
      outcomes: 3,
    },
  ],
  [
    'the queue of a listener that takes streams',
    async (ports) => {
      const fd = (await raw(ports, { op: 'listen', address: TCP, backlog: 1, streams: true })) as number;
      const end = (await raw(ports, { op: 'acceptStream', fd })) as number;
      return told(raw(ports, { op: 'recv', fd: end, length: 1 }));
    },
    connectsAndSends('b'),
    {
      programs: { c: connectsAndSends('c') },
      start: [{ program: 'a' }, { program: 'b' }, { program: 'c' }],
      outcomes: 3,
    },
  ],
  [
    'where a file stands that two processes have open',
    launches(async ({ fs }) => [await fs.open('/d/a', 'r')]),
    async () => 0,
    shared(
      tells(({ fs }) => fs.read(3, 1)),
      tells(({ fs }) => fs.read(3, 1)),
    ),
  ],
  [
    'the bytes in a pipe',
    launches(async (ports) => {
      const fds = await pipe(ports);
      await raw(ports, { op: 'write', fd: fds[1]!, data: 'xy', position: null });
      return fds;
    }),
    async () => 0,
    shared(
      tells(({ fs }) => fs.read(3, 1)),
      tells(({ fs }) => fs.read(3, 1)),
    ),
  ],
  [
    'whether a pipe is still read',
    launches(pipe),
    async () => 0,
    shared(
      does(({ fs }) => fs.close(3)),
      tells(async (ports) => {
        await ports.fs.close(3);
        return raw(ports, { op: 'write', fd: 4, data: 'x', position: null });
      }),
    ),
  ],
  [
    'whether a connection is reset',
    async (ports) => {
      const fd = (await raw(ports, { op: 'listen', address: TCP, backlog: 1, streams: true })) as number;
      const end = (await raw(ports, { op: 'acceptStream', fd })) as number;
      await quietly(raw(ports, { op: 'send', fd: end, data: 'x' }));
      return told(raw(ports, { op: 'send', fd: end, data: 'y' }));
    },
    async (ports) => {
      const fd = (await raw(ports, { op: 'connectStream', address: TCP, timeoutMs: 5 })) as number;
      await raw(ports, { op: 'reset', fd });
      return 0;
    },
  ],
  [
    'half of a connection of two processes',
    launches(async (ports) => {
      const { fd, otherFd } = (await raw(ports, { op: 'socketpair' })) as { fd: number; otherFd: number };
      return [fd, otherFd];
    }),
    async () => 0,
    shared(
      does((ports) => raw(ports, { op: 'shutdown', fd: 3 })),
      tells((ports) => raw(ports, { op: 'send', fd: 3, data: 'x' })),
    ),
  ],
  [
    'who owns',
    async ({ mark }) => {
      mark('own');
      return 0;
    },
    async ({ mark, fs }) => {
      await fs.stat('/d');
      mark('own');
      await fs.stat('/d');
      return 0;
    },
    { invariants: [looking(({ currentClaims }) => currentClaims.length)], outcomes: 1 },
  ],
  [
    'the order of timers that fire together',
    async ({ clock, fs }) => {
      await clock.sleep(5);
      return told(fs.writeFile('/d/b', '', { flag: 'wx' }));
    },
    async ({ clock, fs }) => {
      await clock.sleep(5);
      return told(fs.writeFile('/d/b', '', { flag: 'wx' }));
    },
  ],
  [
    'the boot',
    tells(({ process }) => process.self().then(({ bootId }) => bootId)),
    async () => 0,
    { faults: { reboot: 1 } },
  ],
];

function outcomeOf({ world }: Run): string {
  return JSON.stringify(
    world.processes.map(({ name, state, exitCode, exitSignal }) => [name, state, exitCode, exitSignal]),
  );
}

/** How the processes of all runs end: each of all schedules, or of those that the reduction leaves. */
export async function outcomesOf([, a, b, more = {}]: (typeof PAIRS)[number], reduce: boolean) {
  const options: More = { ...more, programs: { a, b, ...more.programs } };
  const found = new Set<string>();
  const { outcomes: _, machine, ...rest } = options;
  const pair = scenario({
    id: 'parts/model/pair',
    ...{ faults: {}, faultsForMs: 20, settleMs: 20, crashes: 'allowed', invariants: [] },
    programs: {},
    start: [{ program: 'a' }, { program: 'b' }],
    ...rest,
    machine: {
      files: { '/d/a': 'a' },
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY },
      ...machine,
    },
  });
  const report = await explore(pair, {
    ...{ reduce, isolation: false },
    onEnd: (run) => found.add(outcomeOf(run)),
  });
  for (const { invariant } of report.violations) found.add(`violates ${invariant}`);
  return { found: [...found].sort(), report };
}
