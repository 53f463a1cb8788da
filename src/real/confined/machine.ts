/**
 * The real machine, as a process of a trial sees it: one directory is its root, its TCP ports are others in reality, and there are
 * only processes of the same trial. So a program that removes and kills by mistake can do so, and hits nothing else.
 */
import type { Host } from '../../node/host.ts';
import { Failure, toSystemError } from '../../node/reply.ts';
import type {
  Address,
  Machine,
  Operation,
  OperationName,
  Pending,
  Reject,
  Resolve,
} from '../../ports/index.ts';
import { Paths } from './paths.ts';
import { realAddress, type TcpPorts, virtualAddress } from './ports.ts';
import { Visible } from './visible.ts';

export interface Confinement {
  /** The directory that is its root. */
  readonly root: string;
  readonly tcpPorts: TcpPorts;
  /** The programs that it may start, by the first word of their commands. */
  readonly programs: ReadonlySet<string>;
  readonly isOurs: (pid: number) => boolean;
  /** How the command line of each process of the trial begins. */
  readonly prefix: readonly string[];
}

/** What becomes of an operation: another one, and what becomes of its result. Or it is done here. */
type Confined<Name extends OperationName> = (operation: Operation<Name>) => {
  readonly operation?: Operation;
  readonly done?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the result depends on the operation
  readonly result?: (value: any) => unknown;
};
type Table = { readonly [Name in OperationName]?: Confined<Name> };

/** These have no path, address or process in their arguments and results; of descriptors a process only has its own. */
const AS_THEY_ARE: ReadonlySet<OperationName> = new Set<OperationName>([
  ...(['close', 'read', 'write', 'ftruncate', 'fsync', 'fstat', 'fchmod', 'futimes', 'readdir'] as const),
  ...(['self', 'wait', 'sigaction', 'sigwait', 'exit', 'clock', 'sleep', 'random'] as const),
  ...(['accept', 'answer', 'mark'] as const),
  ...(['pipe', 'socketpair', 'acceptStream', 'recv', 'send', 'shutdown', 'reset'] as const),
]);

/** A decorator of the real machine. An operation that it does not know is refused with EPERM. */
export class ConfinedMachine implements Machine {
  readonly #machine: Machine;
  readonly #table: Table;

  constructor(machine: Machine, host: Host, confinement: Confinement) {
    this.#machine = machine;
    this.#table = tableOf(host, confinement);
  }

  execute(process: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    if (AS_THEY_ARE.has(operation.op)) return this.#machine.execute(process, operation, resolve, reject);
    let canceled = false;
    const later = (deliver: () => void): Pending => {
      queueMicrotask(() => canceled || deliver());
      return { cancel: () => (canceled = true) };
    };
    try {
      const confine = this.#table[operation.op] as Confined<OperationName> | undefined;
      if (confine === undefined) throw new Failure('EPERM');
      const { operation: real, done, result = (value) => value } = confine(operation);
      if (real === undefined) return later(() => resolve(done));
      return this.#machine.execute(
        process,
        real,
        (value) => resolve(result(value)),
        // With the names that the program knows.
        (error) => reject(toSystemError(new Failure(error.code), operation)),
      );
    } catch (error) {
      return later(() => reject(toSystemError(error, operation)));
    }
  }
}

function tableOf(host: Host, { root, tcpPorts, programs, isOurs, prefix }: Confinement): Table {
  const paths = new Paths(root);
  const visible = new Visible(host, isOurs, prefix);
  const atPath = <Name extends OperationName>(operation: Operation<Name> & { readonly path: string }) => ({
    operation: { ...operation, path: paths.real(operation.path) } as unknown as Operation,
  });
  const fromTo = (operation: Operation<'link' | 'rename'>) => ({
    operation: { ...operation, from: paths.real(operation.from), to: paths.real(operation.to) } as Operation,
  });
  const addressed = (
    operation: Operation<'listen' | 'connect' | 'connectStream' | 'request'>,
    code: 'EADDRNOTAVAIL' | 'ECONNREFUSED',
  ) => {
    const address = realAddress(operation.address, paths, tcpPorts);
    if (address === null) throw new Failure(code);
    return { operation: { ...operation, address } as Operation };
  };
  const named = (operation: Operation<'getsockname' | 'getpeername'>) => ({
    operation: operation as Operation,
    result: (address: Address) => virtualAddress(address, paths, tcpPorts),
  });
  return {
    ...{ open: atPath, stat: atPath, lstat: atPath, access: atPath, chmod: atPath, chown: atPath },
    ...{ utimes: atPath, statfs: atPath, unlink: atPath, mkdir: atPath, rmdir: atPath, opendir: atPath },
    ...{ link: fromTo, rename: fromTo },
    realpath: (operation) => ({ ...atPath(operation), result: (path: string) => paths.virtual(path) ?? '/' }),

    symlink: (operation) => ({
      operation: { ...atPath(operation).operation, target: paths.realTarget(operation.target) } as Operation,
    }),
    readlink: (operation) => ({
      ...atPath(operation),
      result: (target: string) => paths.virtual(target) ?? target,
    }),

    processInfo: ({ pid }) => ({ done: visible.info(pid) }),
    listProcesses: () => ({ done: visible.list() }),
    processEnv: (operation) => {
      if (!isOurs(operation.pid)) throw new Failure('ESRCH');
      return { operation };
    },
    kill: (operation) => ({ operation: visible.pinned(operation) }),
    spawn: (operation) => {
      if (!programs.has(operation.command[0] ?? '')) throw new Failure('ENOENT');
      const { cwd } = operation;
      return { operation: cwd === undefined ? operation : { ...operation, cwd: paths.real(cwd) } };
    },

    listen: (operation) => addressed(operation, 'EADDRNOTAVAIL'),
    connect: (operation) => addressed(operation, 'ECONNREFUSED'),
    connectStream: (operation) => addressed(operation, 'ECONNREFUSED'),
    request: (operation) => addressed(operation, 'ECONNREFUSED'),
    getsockname: named,
    getpeername: named,
    holders: (operation) => {
      const tcpPort = tcpPorts[operation.tcpPort];
      if (tcpPort === undefined) return { done: [] };
      const hidden = <T extends { pid: number | null }>(holder: T): T =>
        holder.pid !== null && isOurs(holder.pid) ? holder : { ...holder, pid: null };
      return { operation: { ...operation, tcpPort }, result: (holders) => holders.map(hidden) };
    },
  };
}
