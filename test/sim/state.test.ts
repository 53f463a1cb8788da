/** Each part of the state is in its fingerprint: else explore would take two states for the same, and leave out what lies below one. */
import { expect, it } from 'vitest';
import type { Operation } from '../../src/ports/index.ts';
import { World } from '../../src/scenario/world.ts';
import {
  CellTable,
  type MachineOptions,
  ParkedOperation,
  PlannedNemesis,
  type SimMachine,
  type SimProcess,
  StateHasher,
  type StateVisitor,
  StringInterner,
} from '../../src/sim/index.ts';
import { Connection } from '../../src/sim/records/connections.ts';
import { listen } from '../../src/sim/syscalls/listeners.ts';
import { type Puppets, withPuppets } from './puppets.ts';

const texts = new StringInterner();
const cells = new CellTable();

function fingerprintOf(visit: (into: StateVisitor) => void): string {
  const hasher = new StateHasher(texts, cells);
  visit(hasher);
  return JSON.stringify(hasher.name());
}

type Change = (puppets: Puppets, process: SimProcess) => void;
type Part = (into: StateVisitor, machine: SimMachine) => void;

const all: Part = (into, machine) => machine.visit(into, () => null);
const files: Part = (into, machine) => machine.fs.visit(into);
const nothing: Change = () => {};

/** Two machines that differ by one change. */
async function fingerprints(
  changes: readonly Change[],
  { before = nothing, part = all, options = {} }: More,
): Promise<string[]> {
  const names: string[] = [];
  for (const change of changes) {
    names.push(
      await withPuppets((puppets, process) => {
        before(puppets, process);
        change(puppets, process);
        return fingerprintOf((into) => part(into, puppets.machine));
      }, options),
    );
  }
  return names;
}

interface More {
  before?: Change;
  part?: Part;
  options?: MachineOptions;
}

/** What does not change as long as a process exists, but differs from run to run. */
const fixed =
  (name: string, value: unknown): Change =>
  (_, process) =>
    void Object.defineProperty(process, name, { value });

const listens: Change = ({ machine }, process) =>
  void listen(machine, process, {
    address: { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 },
    backlog: 1,
  });
const listenerOf = ({ machine }: Puppets) => machine.listeners.all()[0]!;
const waits: Change = ({ machine }, process) => {
  machine.current = process;
  machine.execute(
    process,
    { op: 'stat', path: '/' },
    () => {},
    () => {},
  );
};
const due = (name: string) => ({ fire: () => {}, visit: (into: StateVisitor) => into.text(name) });
const opens: Change = (puppets, process) =>
  void puppets.do(process, { op: 'open', path: '/f', flags: 0o102, mode: 0o600 });
/** It is there until it is closed. */
const unlinks: Change = (puppets, process) => {
  opens(puppets, process);
  puppets.do(process, { op: 'write', fd: 3, data: 'text', position: null });
  puppets.do(process, { op: 'unlink', path: '/f' });
};
const closes: Change = (puppets, process) => void puppets.do(process, { op: 'close', fd: 3 });

it.each<[string, Change, Change, More?]>([
  [
    'which signals are pending',
    (_, process) => process.signalState().pend('SIGTERM'),
    (_, process) => process.signalState().pend('SIGINT'),
  ],
  [
    'which signals no sigwait has taken yet',
    (_, process) => process.signalState().queue.push('SIGTERM'),
    (_, process) => process.signalState().queue.push('SIGINT'),
  ],
  [
    'what a process does about a signal',
    (_, process) => process.signalState().actions.set('SIGTERM', 'ignore'),
    (_, process) => process.signalState().actions.set('SIGTERM', 'handle'),
  ],
  ['the user of a process', fixed('uid', 0), fixed('uid', 1)],
  ['whether a process is foreign', fixed('foreign', false), fixed('foreign', true)],
  ['the PID namespace of a process', fixed('pidNamespace', 'pid:[1]'), fixed('pidNamespace', 'pid:[2]')],
  ['the group of a process', fixed('pgid', 1001), fixed('pgid', 1000)],
  [
    'the umask',
    nothing,
    (_, process) => {
      process.umask = 0;
    },
  ],
  ['the random numbers to come', nothing, (_, process) => process.nextRandom()],
  [
    'how many requests were accepted',
    nothing,
    (_, process) => {
      process.accepted++;
    },
  ],
  [
    'what a woken operation has come to',
    nothing,
    (_, process) => {
      process.runnable[0]!.outcome = 'ECONNRESET';
    },
    { before: waits },
  ],
  [
    'which descriptor is open',
    nothing,
    (_, { fds }) => {
      const description = fds.get(3)!;
      fds.delete(3);
      fds.set(4, description);
    },
    { before: opens },
  ],
  [
    'how far an open file was read',
    nothing,
    (puppets, process) => puppets.do(process, { op: 'read', fd: 3, length: 1, position: null }),
    {
      before: (puppets, process) => {
        opens(puppets, process);
        puppets.do(process, { op: 'write', fd: 3, data: 'text', position: 0 });
      },
      part: (into, machine) => machine.table.get(1001)!.fds.get(3)!.visit(into),
    },
  ],
  [
    'whether an ended process lingers',
    nothing,
    (_, process) => {
      process.lingering = true;
    },
  ],
  [
    'the exit code of a process',
    (_, process) => process.exits(0, null),
    (_, process) => process.exits(1, null),
  ],
  [
    'whether a process has crashed',
    nothing,
    (_, process) => {
      process.crash = new Error('crash');
    },
    { before: (_, process) => process.exits(1, null) },
  ],
  [
    'when the machine came up',
    nothing,
    ({ machine }) => machine.clocks.restart(),
    { part: (into, machine) => machine.clocks.visit(into) },
  ],
  [
    'which TCP port was given last',
    ({ machine }) => machine.listeners.nextPort('host', new Set()),
    ({ machine }) => machine.listeners.nextPort('host', new Set([32_768])),
  ],
  [
    'how full a backlog is',
    nothing,
    (puppets) => {
      listenerOf(puppets).backlogged = 1;
    },
    { before: listens },
  ],
  [
    'whether a server has taken a connection',
    (puppets) => listenerOf(puppets).takeAll(),
    (puppets) => {
      listenerOf(puppets).queue[0]!.taken = false;
    },
    {
      before: (puppets, process) => {
        listens(puppets, process);
        const operation: Operation<'request'> = {
          op: 'request',
          address: listenerOf(puppets).address,
          request: { path: '/', body: '' },
          timeoutMs: 50,
        };
        const parked = new ParkedOperation<'request'>(
          process,
          operation,
          () => {},
          () => {},
          0,
        );
        listenerOf(puppets).queue.push(new Connection(parked, listenerOf(puppets), parked.operation.request));
      },
    },
  ],
  [
    'in which order timers were set for the same time',
    ({ machine }) => {
      machine.timers.set(5, due('a'));
      machine.timers.set(5, due('b'));
    },
    ({ machine }) => {
      machine.timers.set(5, due('b'));
      machine.timers.set(5, due('a'));
    },
  ],
  [
    'how much time may still pass although a process could go on',
    nothing,
    ({ machine }) => {
      machine.timers.set(machine.nowUs + 5, due('soon'));
      machine.busyTime.passes(machine.clocks, machine.timers, { choose: () => 1 });
    },
    { part: (into, machine) => machine.busyTime.visit(into) },
  ],
  [
    'whether the faults are over',
    nothing,
    ({ machine }) => {
      machine.phase = 'settle';
    },
  ],
  [
    'how many operations will fail',
    ({ machine }) => machine.faultConditions().bring(window(1)),
    ({ machine }) => machine.faultConditions().bring(window(2)),
  ],
  [
    'how late the next answer will be',
    ({ machine }) => machine.faultConditions().delayRequests({ byMs: 5, left: 1 }),
    ({ machine }) => machine.faultConditions().delayRequests({ byMs: 6, left: 1 }),
  ],
  [
    'whose write will be short',
    ({ machine }) => void machine.faultConditions(),
    ({ machine }, process) => machine.faultConditions().shortenWrite(process),
  ],
  ['which inode numbers are free', nothing, closes, { before: unlinks, part: files }],
  [
    'how much space is used',
    nothing,
    closes,
    { before: unlinks, part: files, options: { inodes: 'unique', capacityBytes: 100 } },
  ],
])('two states differ by %s', async (_, one, other, more = {}) => {
  const [first, second] = await fingerprints([one, other], more);
  expect(second).not.toBe(first);
  // It would prove nothing if any two differed.
  expect(await fingerprints([one], more)).toEqual([first]);
});

function window(left: number) {
  return { process: null, code: 'EIO', operations: new Set(['read' as const]), left, untilUs: 1e9 } as const;
}

it.each([
  ['fractions of a millisecond', 5.25, 5.5],
  ['times beyond 32 bits', 2 ** 32 + 5, 2 ** 33 + 5],
])('two states differ by %s', (_, one, other) => {
  const of = (value: number) => fingerprintOf((into) => into.number(value));
  expect(of(one)).not.toBe(of(other));
});

it.each<[string, readonly number[], readonly number[]]>([
  ['how often a fault may still strike', [], [1]],
  ['what a fault remembers of its strikes', [2, 0], [2, 1]],
])('two states differ by %s', async (_, one, other) => {
  const of = (choices: readonly number[]): Promise<string> =>
    withPuppets((puppets) => {
      const { machine } = puppets;
      puppets.start();
      const left = [...choices];
      Object.defineProperty(machine, 'choices', { value: { choose: () => left.shift() ?? 0 } });
      const nemesis = new PlannedNemesis(machine, { kill: 2, stop: { max: 2, forMs: [5] } }, () => {});
      if (choices.length > 0) expect(nemesis.strike()).toBe(true);
      return fingerprintOf((into) => nemesis.visit(into));
    });
  expect(await of(one)).not.toBe(await of(other));
});

it.each<[string, (world: World, machine: SimMachine) => void, (world: World, machine: SimMachine) => void]>([
  [
    'whether a signal was proven',
    (world, { table }) => world.signalled(table.get(1001)!, table.get(1002)!, 'SIGTERM', true),
    (world, { table }) => world.signalled(table.get(1001)!, table.get(1002)!, 'SIGTERM', false),
  ],
  [
    'how long a process has been running',
    (world, { table }) => world.started(table.get(1001)!),
    (world, { table, clocks }) => {
      clocks.nowUs += 1_000;
      world.started(table.get(1001)!);
    },
  ],
])('two states differ by %s', async (_, one, other) => {
  const of = (change: typeof one): Promise<string> =>
    withPuppets((puppets) => {
      const world = new World();
      world.machine = puppets.machine;
      puppets.start();
      change(world, puppets.machine);
      return fingerprintOf((into) => world.visit(into));
    });
  expect(await of(one)).not.toBe(await of(other));
});
