/** What a step reads and writes is logged, part by part: else explore would leave out an order that makes a difference. */
import { expect, it } from 'vitest';
import { OPEN } from '../../src/ports/index.ts';
import {
  AccessLog,
  CellTable,
  logAccesses,
  type MachineOptions,
  ParkedOperation,
  type SimProcess,
} from '../../src/sim/index.ts';
import type { Connection } from '../../src/sim/records/connections.ts';
import { listen } from '../../src/sim/syscalls/listeners.ts';
import { type Puppets, withPuppets } from './puppets.ts';

const FILES = { files: { '/d/a': 'text' } };
const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;
const { O_CREAT, O_RDWR } = OPEN;

type Work = (puppets: Puppets, process: SimProcess) => void;
type Logged = 'reads' | 'writes' | 'counts';

/** What is logged of some work on a machine with one process. @param prepare is not logged */
async function logged(work: Work, prepare: Work, options: MachineOptions): Promise<Record<Logged, string[]>> {
  return withPuppets((puppets, process) => {
    const cells = new CellTable();
    const log = new AccessLog(cells);
    cells.prefixes.add('b');
    prepare(puppets, process);
    logAccesses(log);
    try {
      work(puppets, process);
    } finally {
      logAccesses(null);
    }
    const namesOf = (set: ReadonlySet<number>) => [...set].map((cell) => cells.nameOf(cell));
    return { reads: namesOf(log.reads), writes: namesOf(log.writes), counts: namesOf(log.counts) };
  }, options);
}

const nothing: Work = () => {};
const create = (path: string): Work => {
  return (puppets, process) =>
    void puppets.do(process, { op: 'open', path, flags: O_CREAT | O_RDWR, mode: 0o600 });
};
const listens: Work = ({ machine }, process) =>
  void listen(machine, process, { address: ADDRESS, backlog: 1 });
const listenerOf = ({ machine }: Puppets) => machine.listeners.all()[0]!;
const requests: Work = ({ machine }, process) => {
  listens({ machine } as Puppets, process);
  const request = { path: '/', body: '' };
  const asked = machine.execute(
    process,
    { op: 'request', address: ADDRESS, request, timeoutMs: 50 },
    () => {},
    () => {},
  );
  expect(asked).toBeInstanceOf(ParkedOperation);
  machine.current = process;
  machine.step();
};
const sleeps: Work = ({ machine }, process) => {
  machine.current = process;
  machine.execute(
    process,
    { op: 'sleep', ms: 5 },
    () => {},
    () => {},
  );
};

/** The inodes of the root, of /d, and of the file in it. */
const [ROOT, DIRECTORY, FILE] = ['inode 2', 'inode 12', 'inode 13'];

it.each<[string, Logged, string, Work, Work?, MachineOptions?]>([
  [
    'that a time becomes another one',
    ...(['counts', `${FILE} ctime`] as const),
    (puppets, process) => {
      puppets.machine.clocks.nowUs += 5_000;
      puppets.do(process, { op: 'chmod', path: '/d/a', mode: 0o600 });
    },
    nothing,
    FILES,
  ],
  [
    'whether a directory is empty',
    ...(['reads', `${DIRECTORY} names`] as const),
    (puppets, process) => expect(puppets.do(process, { op: 'rmdir', path: '/d' })).toBe('ENOTEMPTY'),
  ],
  [
    'whether there is a name',
    ...(['reads', `${ROOT} name nothing`] as const),
    (puppets, process) => expect(puppets.do(process, { op: 'stat', path: '/nothing' })).toBe('ENOENT'),
  ],
  ['that a name comes into the listing', 'writes', `${DIRECTORY} names`, create('/d/new')],
  ['that a name comes into a listing by its prefix', 'writes', `${DIRECTORY} names from b`, create('/d/b1')],
  [
    'how many names a file has',
    ...(['counts', `${FILE} nlink`] as const),
    (puppets, process) => puppets.do(process, { op: 'link', from: '/d/a', to: '/d/c' }),
  ],
  [
    'in which directory another one is',
    ...(['reads', `${DIRECTORY} place`] as const),
    (puppets, process) =>
      expect(puppets.do(process, { op: 'stat', path: '/d/..' })).toMatchObject({ ino: 2 }),
  ],
  ['which numbers of inodes are in use', 'reads', 'inode numbers', create('/d/new')],
  [
    'how much space is used',
    ...(['counts', 'disk space'] as const),
    (puppets, process) => puppets.do(process, { op: 'write', fd: 3, data: 'more', position: null }),
    create('/d/a'),
    { capacityBytes: 100 },
  ],
  [
    'where a description stands that processes share',
    ...(['reads', 'shared descriptions'] as const),
    (puppets, process) => puppets.do(process, { op: 'read', fd: 3, length: 1, position: null }),
    (puppets, process) => {
      create('/d/a')(puppets, process);
      puppets.do(process, { op: 'spawn', command: ['idle'], detached: false, inherit: [3] });
    },
  ],
  ['that it sets a timer when it begins to wait', 'counts', 'timers', sleeps],
  ['in which order timers were set', 'writes', 'timers at 5020', sleeps],
  [
    'which timers there are, when one fires',
    ...(['reads', 'timers'] as const),
    ({ machine }) => machine.timers.fireDue(5_020),
    sleeps,
  ],
  [
    'that another process is woken',
    ...(['writes', 'process 0 local'] as const),
    ({ machine }) => (machine.timers.pending()[0]!.due as ParkedOperation).wake(),
  ],
  ['which process has a PID', ...(['reads', 'PID 1001'] as const), ({ machine }) => machine.table.get(1001)],
  ['which PIDs are in use', 'reads', 'PIDs', ({ machine }) => machine.table.pids()],
  ['which PID comes next', 'reads', 'next PID', ({ machine }) => machine.table.reserve('another')],
  [
    'that an end takes from a process what it could do',
    ...(['writes', 'process 0 local'] as const),
    (_, process) => process.exits(0, null),
  ],
  ['the title of a process', 'reads', 'process 0 command', (_, process) => process.command],
  [
    'that a process gets another parent',
    ...(['writes', 'process 0 parent'] as const),
    (_, process) => process.adopt(null),
  ],
  [
    'which listeners are on a TCP port',
    ...(['reads', 'port host 7000'] as const),
    ({ machine }) => machine.listeners.onPort('host', 7000),
  ],
  [
    'which TCP port is given next',
    ...(['reads', 'ports of host'] as const),
    ({ machine }) => machine.listeners.nextPort('host', new Set()),
  ],
  [
    'whether a socket still listens',
    ...(['reads', 'listener 0.0 open'] as const),
    (puppets) => puppets.machine.listeners.has(listenerOf(puppets)),
    listens,
  ],
  [
    'what waits in the queue of a listener',
    ...(['reads', 'listener 0.0 queues'] as const),
    (puppets) => listenerOf(puppets).queue,
    listens,
  ],
  [
    'who holds a listener',
    ...(['reads', 'listener 0.0 holders'] as const),
    (puppets) => listenerOf(puppets).holders,
    listens,
  ],
  [
    'whether a client still waits for its answer',
    ...(['reads', 'process 0 local'] as const),
    (puppets) => expect((listenerOf(puppets).queue[0] as Connection).isGone).toBe(false),
    requests,
  ],
  ['the time', 'reads', 'clock', ({ machine }) => machine.clocks.monotonicMs()],
  ['how far the wall clock is off', 'reads', 'wall clock', ({ machine }) => machine.clocks.wallMs()],
  ['the host name', 'reads', 'host name', ({ machine }) => machine.identity.hostname],
  [
    'how many operations will fail',
    ...(['writes', 'fault conditions'] as const),
    (puppets, process) => expect(puppets.do(process, { op: 'stat', path: '/d' })).toBe('EIO'),
    ({ machine }) =>
      machine.faultConditions().bring({
        ...{ process: null, code: 'EIO', operations: new Set(['stat']), left: 1, untilUs: 1e9 },
      }),
  ],
])('a step logs %s', async (_, kind, cell, work, prepare = nothing, options = {}) => {
  expect((await logged(work, prepare, { ...FILES, ...options }))[kind]).toContain(cell);
});
