// What a process of a generated model can do: at least one step for each row of the operation table.
import { type Address, type Operation, type Ports, type Signal, seamOf } from '../../../src/ports/index.ts';

/** What a process has at hand for its later steps. */
export interface Hands {
  readonly ports: Ports;
  /** Open descriptors, the last one first. */
  readonly fds: number[];
  readonly children: number[];
  /** Receives what arrives outside of the steps, such as signals. */
  readonly tell: (what: unknown) => void;
}

/** One step: a name of {@link STEPS}, and what its arguments are made of. Plain data. */
export interface Step {
  readonly does: StepName;
  readonly path: string;
  readonly to: string;
  /** A small number, for what needs one. */
  readonly n: number;
}

/** The first PID of all models, and the last before the numbers begin again: after three processes. */
export const FIRST_PID = 398;
export const LAST_PID = 400;
/** Linux begins again here. */
const PID_AFTER_LAST = 300;
const PIDS = [FIRST_PID, 399, LAST_PID, PID_AFTER_LAST, 301];
const TCP_PORT = 50_000;
const UNIX: Address = { kind: 'unix', path: '/d/s' };
const FLAGS = ['r', 'w', 'wx', 'a', 'r+', 'wx+'] as const;
const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGUSR1', 'SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGHUP'];
/** How long a client waits. Shorter than some sleeps, longer than others. */
const TIMEOUT_MS = 3;

const tcp = (n: number): Address => ({ kind: 'tcp', host: '127.0.0.1', tcpPort: n === 0 ? 0 : TCP_PORT });
const at = (n: number, items: readonly unknown[]): number => n % items.length;
/** One's own child, oneself, or whichever process has that number. */
const pidOf = ({ children }: Hands, n: number): number => children[0] ?? PIDS[n % PIDS.length]!;

async function opened({ fds }: Hands, opening: Promise<number>): Promise<number> {
  const fd = await opening;
  fds.unshift(fd);
  return fd;
}

/** The last descriptor; a process that has none opens the path first. */
async function fdOf(hands: Hands, path: string): Promise<number> {
  return hands.fds[0] ?? opened(hands, hands.ports.fs.open(path, 'r+'));
}

/** A process that has no descriptor listens first. */
async function listenerOf(hands: Hands): Promise<number> {
  return hands.fds[0] ?? opened(hands, hands.ports.net.listen(tcp(1)));
}

type Does = (hands: Hands, step: Step) => Promise<unknown>;

const FILES = {
  open: (hands, { path, n }) => opened(hands, hands.ports.fs.open(path, FLAGS[at(n, FLAGS)])),
  close: async (hands, { path }) => {
    await hands.ports.fs.close(await fdOf(hands, path));
    hands.fds.shift();
  },
  read: async (hands, { n, path }) => hands.ports.fs.read(await fdOf(hands, path), 1 + n, n > 2 ? 0 : null),
  write: async (hands, { n, path, to }) =>
    hands.ports.fs.write(await fdOf(hands, path), to, n > 2 ? 1 : null),
  ftruncate: async (hands, { n, path }) => hands.ports.fs.ftruncate(await fdOf(hands, path), n),
  fsync: async (hands, { path }) => hands.ports.fs.fsync(await fdOf(hands, path)),
  fstat: async (hands, { path }) => hands.ports.fs.fstat(await fdOf(hands, path)),
  stat: ({ ports }, { path }) => ports.fs.stat(path),
  lstat: ({ ports }, { path }) => ports.fs.lstat(path),
  statfs: ({ ports }, { path }) => ports.fs.statfs(path),
  kindOf: async ({ ports }, { path }) => (await ports.fs.stat(path)).kind,
  access: ({ ports }, { path, n }) => ports.fs.access(path, n % 8),
  chmod: ({ ports }, { path, n }) => ports.fs.chmod(path, n > 2 ? 0o777 : 0),
  fchmod: async (hands, { n, path }) => hands.ports.fs.fchmod(await fdOf(hands, path), n > 2 ? 0o777 : 0),
  chown: ({ ports }, { path, n }) => ports.fs.chown(path, 1_000 + (n % 2), 1_000),
  utimes: ({ ports }, { path, n }) => ports.fs.utimes(path, n * 1_000, n * 2_000),
  futimes: async (hands, { n, path }) =>
    hands.ports.fs.futimes(await fdOf(hands, path), n * 1_000, n * 2_000),
  link: ({ ports }, { path, to }) => ports.fs.link(path, to),
  symlink: ({ ports }, { path, to }) => ports.fs.symlink(to, path),
  readlink: ({ ports }, { path }) => ports.fs.readlink(path),
  realpath: ({ ports }, { path }) => ports.fs.realpath(path),
  rename: ({ ports }, { path, to }) => ports.fs.rename(path, to),
  unlink: ({ ports }, { path }) => ports.fs.unlink(path),
  mkdir: ({ ports }, { path }) => ports.fs.mkdir(path),
  rmdir: ({ ports }, { path }) => ports.fs.rmdir(path),
  opendir: (hands, { path }) => opened(hands, hands.ports.fs.opendir(path)),
  readEntries: async (hands, { path }) => {
    const fd = hands.fds[0] ?? (await opened(hands, hands.ports.fs.opendir(path)));
    return hands.ports.fs.readEntries(fd);
  },
  list: ({ ports }, { path }) => ports.fs.readdir(path),
  listSome: ({ ports }, { path }) => ports.fs.readdir('/d', { prefix: path.slice('/d/'.length) }),
  create: ({ ports }, { path }) => ports.fs.writeFile(path, 'xx', { flag: 'wx' }),
  overwrite: ({ ports }, { path, n }) => ports.fs.writeFile(path, 'y'.repeat(1 + n)),
  readFile: ({ ports }, { path }) => ports.fs.readFile(path),
} satisfies Record<string, Does>;

const PROCESSES = {
  self: ({ ports }) => ports.process.self(),
  info: ({ ports }, { n }) => ports.process.info(PIDS[n % PIDS.length]!),
  listProcesses: ({ ports }) => ports.process.list(),
  countProcesses: async ({ ports }) => (await ports.process.list()).length,
  spawn: async (hands, { n }) => {
    const inherit = n % 2 === 1 ? { inherit: hands.fds.slice(0, 1) } : {};
    const { pid, exited } = await hands.ports.process.spawn(['child'], { detached: n > 2, ...inherit });
    hands.children.unshift(pid);
    exited.then(hands.tell, (error: unknown) => hands.tell(String(error)));
    return pid;
  },
  spawnAndWait: async (hands, { n }) => {
    const { exited } = await hands.ports.process.spawn(['child'], { detached: n > 2 });
    return exited;
  },
  kill: (hands, { n }) => hands.ports.process.kill(pidOf(hands, n), SIGNALS[at(n, SIGNALS)]),
  variable: ({ ports }, { n }) => ports.process.env(PIDS[n % PIDS.length]!, 'MARK'),
  spawnMarked: async (hands, { n }) => {
    const { pid } = await hands.ports.process.spawn(['child'], { env: { MARK: `${n}` } });
    hands.children.unshift(pid);
    return hands.ports.process.env(pid, 'MARK');
  },
  killGroup: (hands, { n }) => hands.ports.process.kill(-pidOf(hands, n), SIGNALS[at(n, SIGNALS)]),
  isAlive: (hands, { n }) => hands.ports.process.kill(pidOf(hands, n), 0),
  killExactly: async ({ ports }, { n }) => {
    const { pid, startTicks } = await ports.process.info(PIDS[n % PIDS.length]!);
    await ports.process.killExactly({ pid, startTicks }, SIGNALS[at(n, SIGNALS)]!);
  },
  onSignal: ({ ports, tell }, { n }) =>
    ports.process.onSignal(n > 2 ? ['SIGTERM', 'SIGUSR1'] : ['SIGTERM'], tell),
  ignoreSignal: ({ ports }) => raw(ports, { op: 'sigaction', signal: 'SIGTERM', action: 'ignore' }),
  setTitle: ({ ports }, { path }) => raw(ports, { op: 'setTitle', title: path }),
  exit: ({ ports }, { n }) => ports.process.exit(n),
  random: ({ ports }, { n }) => ports.process.randomHex(1 + n),
} satisfies Record<string, Does>;

/** Between a process and its child: the child's standard input or output is an end of a pipe. */
const PIPES = {
  pipe: async (hands, { n }) => {
    const { readFd, writeFd } = (await raw(hands.ports, { op: 'pipe' })) as {
      readFd: number;
      writeFd: number;
    };
    hands.fds.unshift(...(n > 2 ? [readFd, writeFd] : [writeFd, readFd]));
    return [readFd, writeFd];
  },
  spawnPiped: async (hands, { n }) => {
    const [fd = 0] = hands.fds;
    const stdio = n > 2 ? [fd, null] : [null, fd];
    const pid = (await raw(hands.ports, {
      op: 'spawn',
      command: ['child'],
      detached: false,
      stdio,
    })) as number;
    hands.children.unshift(pid);
    return pid;
  },
  readInput: ({ ports }, { n }) => raw(ports, { op: 'read', fd: 0, length: 1 + n, position: null }),
  writeOutput: ({ ports }, { path }) => raw(ports, { op: 'write', fd: 1, data: path, position: null }),
} satisfies Record<string, Does>;

const TIME = {
  wall: ({ ports }) => ports.clock.wallMs(),
  monotonic: ({ ports }) => ports.clock.monotonicMs(),
  // The longest one is longer than the tick in which a PID was freed.
  sleep: ({ ports }, { n }) => ports.clock.sleep(n < 5 ? n : 11),
  sleepOrGiveUp: async ({ ports }, { n }) => {
    const controller = new AbortController();
    const long = ports.clock.sleep(2 * TIMEOUT_MS, controller.signal).catch(() => 'given up');
    await ports.clock.sleep(n);
    controller.abort();
    return long;
  },
} satisfies Record<string, Does>;

const LISTEN: Operation = { op: 'listen', address: tcp(1), backlog: 1, streams: true };

const SOCKETS = {
  listen: (hands, { n }) => opened(hands, hands.ports.net.listen(tcp(n))),
  listenUnix: (hands, { n }) =>
    opened(hands, hands.ports.net.listen(UNIX, { backlog: n, unlinkOnClose: n > 2 })),
  addressOf: async (hands) => hands.ports.net.addressOf(await listenerOf(hands)),
  acceptAndAnswer: async (hands, { n }) => {
    const { net } = hands.ports;
    const { request, path, body } = await net.accept(await listenerOf(hands));
    await net.answer(request, { status: 200 + n, body: path });
    return [path, body];
  },
  acceptOnly: async (hands) => (await hands.ports.net.accept(await listenerOf(hands))).path,
  serveForAWhile: async ({ ports: { net, clock } }) => {
    const fd = await net.listen(tcp(1));
    const closed = clock.sleep(TIMEOUT_MS).then(() => net.close(fd));
    const { request } = await net.accept(fd);
    await net.answer(request, { status: 200, body: '' });
    await closed;
  },
  talkToOneself: async ({ ports: { net, probe } }, { path, n }) => {
    const fd = await net.listen(tcp(1));
    const answered = net
      .accept(fd)
      .then(({ request }) => net.answer(request, { status: 200 + n, body: path }));
    const { status, body } = await probe.request(tcp(1), { path, body: '' }, TIMEOUT_MS);
    await answered;
    return [status, body];
  },
  connect: ({ ports }) => ports.probe.connect(tcp(1), TIMEOUT_MS),
  connectUnix: ({ ports }) => ports.probe.connect(UNIX, TIMEOUT_MS),
  request: ({ ports }, { path, n }) => ports.probe.request(tcp(1), { path, body: `${n}` }, TIMEOUT_MS),
  requestUnix: ({ ports }, { path, n }) => ports.probe.request(UNIX, { path, body: `${n}` }, TIMEOUT_MS),
  holders: ({ ports }) => ports.probe.holders(TCP_PORT),
  connectStream: (hands, { n }) =>
    opened(
      hands,
      stream(hands, { op: 'connectStream', address: n > 2 ? UNIX : tcp(1), timeoutMs: TIMEOUT_MS }),
    ),
  acceptStream: async (hands) => {
    const fd = hands.fds[0] ?? (await opened(hands, stream(hands, LISTEN)));
    return opened(hands, stream(hands, { op: 'acceptStream', fd }));
  },
  send: async (hands, { path }) => stream(hands, { op: 'send', fd: await fdOf(hands, path), data: path }),
  recv: async (hands, { n, path }) =>
    stream(hands, { op: 'recv', fd: await fdOf(hands, path), length: 1 + n }),
  shutdown: async (hands, { path }) => stream(hands, { op: 'shutdown', fd: await fdOf(hands, path) }),
  reset: async (hands, { path }) => {
    await stream(hands, { op: 'reset', fd: await fdOf(hands, path) });
    hands.fds.shift();
  },
  peer: async (hands, { path }) => stream(hands, { op: 'getpeername', fd: await fdOf(hands, path) }),
  pair: async (hands) => {
    const { fd, otherFd } = (await raw(hands.ports, { op: 'socketpair' })) as { fd: number; otherFd: number };
    hands.fds.unshift(fd, otherFd);
    return [fd, otherFd];
  },
  talkInBytes: async (hands, { path }) => {
    const { net, clock } = hands.ports;
    const fd = (await stream(hands, LISTEN)) as number;
    const closed = clock.sleep(TIMEOUT_MS).then(() => net.close(fd));
    const server = (await stream(hands, { op: 'acceptStream', fd })) as number;
    const heard = await stream(hands, { op: 'recv', fd: server, length: 100 });
    await stream(hands, {
      op: 'send',
      fd: server,
      data: `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`,
    });
    await net.close(server);
    await closed;
    return heard;
  },
  askInBytes: async (hands, { path }) => {
    const fd = (await stream(hands, {
      op: 'connectStream',
      address: tcp(1),
      timeoutMs: TIMEOUT_MS,
    })) as number;
    await stream(hands, { op: 'send', fd, data: `GET ${path} HTTP/1.1\r\n\r\n` });
    const heard = await stream(hands, { op: 'recv', fd, length: 500 });
    await hands.ports.net.close(fd);
    return heard;
  },
} satisfies Record<string, Does>;

const MARKS = {
  own: async ({ ports }, { n }) => ports.mark('own', n > 3 ? { token: n } : {}),
  release: async ({ ports }) => ports.mark('release'),
  act: async ({ ports }) => ports.mark('act'),
} satisfies Record<string, Does>;

/** By family, so that the steps of a model have something to do with each other. */
export const FAMILIES = {
  files: FILES,
  processes: PROCESSES,
  pipes: PIPES,
  time: TIME,
  sockets: SOCKETS,
  marks: MARKS,
};
export type FamilyName = keyof typeof FAMILIES;

export type StepName = {
  [F in FamilyName]: keyof (typeof FAMILIES)[F];
}[FamilyName];

export const STEPS: Readonly<Record<StepName, Does>> = {
  ...FILES,
  ...PROCESSES,
  ...PIPES,
  ...TIME,
  ...SOCKETS,
  ...MARKS,
};

function stream(hands: Hands, operation: Operation): Promise<never> {
  return raw(hands.ports, operation) as Promise<never>;
}

/** An operation that no port offers. */
function raw(
  ports: Ports,
  operation: Parameters<ReturnType<typeof seamOf>['machine']['execute']>[1],
): Promise<unknown> {
  const { machine, process } = seamOf(ports);
  return new Promise((resolve, reject) => machine.execute(process, operation, resolve, reject));
}
