import { ignore } from '../ports/ignore.ts';
import type {
  Machine,
  MarkData,
  Operation,
  OperationName,
  Pending,
  Reject,
  Resolve,
  ResultOf,
} from '../ports/index.ts';
import { crypto } from './builtin.ts';
import { Children, type SpawnOptions } from './children.ts';
import { connect, request } from './client.ts';
import { monotonicMs, sleep } from './clock.ts';
import { Descriptors } from './descriptors.ts';
import { fileOperations } from './files.ts';
import { hostOf, selfOf } from './host.ts';
import { acceptStream, connectStream, pipe, socketpair } from './open-streams.ts';
import { type Cancel, type Reply, toSystemError } from './reply.ts';
import { accept, answer, getsockname, keptNames, listen, rawDescriptor } from './server.ts';
import { kill, Signals } from './signals.ts';
import { localAddress, socketAt, streamAt } from './streams.ts';

export interface NodeMachineOptions extends SpawnOptions {
  /** Called synchronously for each mark. */
  readonly onMark?: (name: string, data: MarkData) => void;
  /** Called when a request has been handed to the operating system. */
  readonly onSent?: (operation: Operation<'request'>) => void;
}

type Execute<Name extends OperationName> = (
  operation: Operation<Name>,
  reply: Reply<ResultOf<Name>>,
) => Cancel | void;

type Table = { readonly [Name in OperationName]: Execute<Name> };

/**
 * The real machine. It executes operations for the process that it runs in and ignores the `process` argument.
 * Except for marks, outcomes are delivered in a later turn of the event loop than the request.
 */
export class NodeMachine implements Machine {
  readonly #table: Table;

  constructor(options: NodeMachineOptions = {}) {
    this.#table = tableOf(options);
  }

  execute(_process: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    let settled = false;
    const once = (act: () => void): void => {
      if (settled) return;
      settled = true;
      act();
    };
    const reply: Reply<unknown> = {
      resolve: (value) => once(() => resolve(value)),
      reject: (error) => once(() => reject(toSystemError(error, operation))),
    };
    let cancel: Cancel | void;
    try {
      const execute = this.#table[operation.op] as (
        operation: Operation,
        reply: Reply<unknown>,
      ) => Cancel | void;
      cancel = execute(operation, reply);
    } catch (error) {
      queueMicrotask(() => reply.reject(error));
    }
    return {
      cancel: () => {
        if (cancel !== undefined) once(cancel);
      },
    };
  }
}

function tableOf(options: NodeMachineOptions): Table {
  const host = hostOf(process.platform);
  const descriptors = new Descriptors();
  const signals = new Signals();
  const children = new Children(
    options,
    {
      raw: (fd) => rawDescriptor(descriptors, fd),
      stdio: (fd) =>
        streamAt(descriptors, fd)?.forChild() ?? { fd: rawDescriptor(descriptors, fd), passed: ignore },
    },
    (fds) => keptNames(descriptors, fds),
  );
  return {
    ...fileOperations(descriptors),

    self: immediate(() => selfOf(host)),
    processInfo: immediate(({ pid }) => host.processInfo(pid)),
    processEnv: immediate(({ pid, name }) => host.variable(pid, name)),
    listProcesses: immediate(() => host.listProcesses()),
    spawn: (operation, reply) => children.spawn(operation, reply),
    wait: (operation, reply) => children.wait(operation, reply),
    kill: immediate((operation) => kill(host, operation)),
    sigaction: immediate((operation) => signals.sigaction(operation)),
    sigwait: (_, reply) => signals.sigwait(reply),
    setTitle: immediate(({ title }) => {
      process.title = title;
    }),
    // The low byte, as in _exit(2). Node would reject a non-integer, and the process would not end.
    exit: ({ code }) => process.exit(code & 0xff),

    clock: immediate(({ which }) => (which === 'wall' ? Date.now() : monotonicMs())),
    sleep: ({ ms }, reply) => sleep(ms, reply),
    random: immediate(({ bytes }) => crypto().randomBytes(bytes).toString('hex')),

    listen: (operation, reply) => listen(descriptors, operation, reply),
    getsockname: immediate(({ fd }) => localAddress(descriptors, fd) ?? getsockname(descriptors, fd)),
    accept: (operation, reply) => accept(descriptors, operation, reply),
    answer: (operation, reply) => answer(descriptors, operation, reply),
    connect,
    request: (operation, reply) => request(operation, reply, options.onSent),
    pipe: immediate(() => pipe(descriptors)),
    socketpair: (_, reply) => socketpair(descriptors, reply),
    connectStream: (operation, reply) => connectStream(descriptors, operation, reply),
    acceptStream: (operation, reply) => acceptStream(descriptors, operation, reply),
    recv: ({ fd, length }, reply) => socketAt(descriptors, fd).read(length, reply),
    send: ({ fd, data }, reply) => socketAt(descriptors, fd).write(data, reply),
    shutdown: ({ fd }, reply) => socketAt(descriptors, fd).shutdown(reply),
    reset: ({ fd }, reply) => {
      const socket = socketAt(descriptors, fd);
      socket.reset(reply);
      descriptors.take(fd);
    },
    getpeername: immediate(({ fd }) => socketAt(descriptors, fd).remote),
    holders: immediate(({ tcpPort }) => host.holders(tcpPort)),

    mark: ({ name, data }, reply) => {
      options.onMark?.(name, data);
      reply.resolve();
    },
  };
}

/** A synchronous operation. Its outcome is still delivered later, like every other. */
function immediate<Name extends OperationName>(
  act: (operation: Operation<Name>) => ResultOf<Name>,
): Execute<Name> {
  return (operation, reply) => {
    const value = act(operation);
    queueMicrotask(() => reply.resolve(value));
  };
}
