import type { Signal } from './signals.ts';

/**
 * The one list of what a program may ask of a machine, about the size of a system-call table. Operations are
 * plain data: programs ask them, the scheduler orders them, a machine executes them, a trace records them.
 *
 * Each row is `name: [arguments, result]`. Names and meanings are those of the POSIX call of that name, or of
 * Node where Node's differs (a row says so). Units are in the names: `timeoutMs`, `mtimeMs`.
 */
export interface OperationTable {
  // Files. Paths are absolute or relative to the process's working directory.
  /** `flags`: Linux open(2) bits, see `open-flags.ts`. Result: the descriptor. */
  open: [{ path: string; flags: number; mode: number }, number];
  /** Closes any descriptor: file, directory, listening socket. */
  close: [{ fd: number }, void];
  /** `position` null reads at the descriptor's offset and advances it. Empty result: end of file. */
  read: [{ fd: number; length: number; position: number | null }, Bytes];
  /** Result: how many bytes were written, possibly fewer than asked. */
  write: [{ fd: number; data: Bytes; position: number | null }, number];
  ftruncate: [{ fd: number; length: number }, void];
  fsync: [{ fd: number }, void];
  fstat: [{ fd: number }, Stat];
  stat: [{ path: string }, Stat];
  lstat: [{ path: string }, Stat];
  /** `mode`: the R_OK (4), W_OK (2), X_OK (1) bits of access(2); 0 asks for existence. */
  access: [{ path: string; mode: number }, void];
  chmod: [{ path: string; mode: number }, void];
  fchmod: [{ fd: number; mode: number }, void];
  chown: [{ path: string; uid: number; gid: number }, void];
  utimes: [{ path: string; atimeMs: number; mtimeMs: number }, void];
  futimes: [{ fd: number; atimeMs: number; mtimeMs: number }, void];
  link: [{ from: string; to: string }, void];
  symlink: [{ target: string; path: string }, void];
  readlink: [{ path: string }, string];
  realpath: [{ path: string }, string];
  rename: [{ from: string; to: string }, void];
  unlink: [{ path: string }, void];
  mkdir: [{ path: string; mode: number }, void];
  rmdir: [{ path: string }, void];
  opendir: [{ path: string }, number];
  /**
   * The next entries of an open directory, never `.` or `..`, in no promised order; with a `prefix` only those whose names
   * begin with it. Empty result: no more.
   */
  readdir: [{ fd: number; prefix?: string }, DirectoryEntry[]];

  // Processes.
  self: [Nothing, Self];
  /** What a process table says of a PID. ESRCH: no such process. */
  processInfo: [{ pid: number }, ProcessInfo];
  listProcesses: [Nothing, number[]];
  /**
   * Starts a child of the caller. Result: its PID. Once ended, the child is a zombie and keeps its PID and its group until the
   * caller waits for it. Node always waits for its children, so on a real machine there is hardly a zombie to see.
   */
  spawn: [SpawnRequest, number];
  /** Waits for the end of a child and reaps it. ECHILD: not a child of the caller, or it has been waited for. */
  wait: [{ pid: number }, ExitStatus];
  /**
   * `signal` 0 asks whether the PID exists. A negative `pid` is a process group. With `startTicks` the machine
   * signals only if the process of that PID started then, else ESRCH: check and signal are one operation.
   */
  kill: [{ pid: number; signal: Signal | 0; startTicks: number | null }, void];
  /** Sets what a signal does to the caller. `handle` makes it an answer to `sigwait`. */
  sigaction: [{ signal: Signal; action: 'default' | 'ignore' | 'handle' }, void];
  /** The next handled signal that reaches the caller. */
  sigwait: [Nothing, Signal];
  /** What the process table says of the caller from now on instead of its command, as Node's `process.title`. */
  setTitle: [{ title: string }, void];
  /** Ends the caller. Never answers. */
  exit: [{ code: number }, never];

  // Time and chance.
  /** Milliseconds: `wall` since the epoch, may jump; `monotonic` since some start, may not, stands still in suspend. */
  clock: [{ which: 'wall' | 'monotonic' }, number];
  /** Monotonic. */
  sleep: [{ ms: number }, void];
  /** Hexadecimal digits, two a byte. */
  random: [{ bytes: number }, string];

  // Listening and asking. Requests and answers are whole messages; on a real machine they travel as HTTP.
  /**
   * TCP port 0: the machine gives a free one, see `getsockname`. Whether `close` unlinks the name of a Unix socket: as libuv and
   * Node do, unless `unlinkOnClose` is false: as close(2) does. Result: the listening descriptor.
   */
  listen: [{ address: Address; backlog: number; unlinkOnClose?: boolean }, number];
  /** Where a listening descriptor listens, in the form in which the kernel keeps it. EBADF, ENOTSOCK. */
  getsockname: [{ fd: number }, Address];
  /** The next request that reached a listening descriptor. */
  accept: [{ fd: number }, Incoming];
  answer: [{ request: number; answer: Answer }, void];
  /** Connects and hangs up. Success says only that something listens, not that it lives. ETIMEDOUT, ECONNREFUSED, ENOENT. */
  connect: [{ address: Address; timeoutMs: number }, void];
  /** Connects, asks, and waits for the answer, all within `timeoutMs`. */
  request: [{ address: Address; request: Request; timeoutMs: number }, Answer];
  /** Who listens on a TCP port, on whatever local address. Only what the caller may see. */
  holders: [{ tcpPort: number }, Holder[]];

  // Observation.
  /** Tells the observers of a run what the program means ("own", "release"). Takes no time and is no scheduling point. */
  mark: [{ name: string; data: MarkData }, void];
}

/** The name of a row of the table. */
export type OperationName = keyof OperationTable;
/** One question to the machine: the name of a row, and its arguments. Plain data. */
export type Operation<Name extends OperationName = OperationName> = {
  [N in Name]: { readonly op: N } & Readonly<OperationTable[N][0]>;
}[Name];
/** What an operation gives when it does not fail. */
export type ResultOf<Name extends OperationName> = OperationTable[Name][1];

type Nothing = Record<never, never>;

/** A string with one character (0 to 255) a byte: cheap to slice and compare, and plain data. */
export type Bytes = string;

/** What an inode is. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'socket';

/** What stat(2) tells of an inode. */
export interface Stat {
  kind: FileKind;
  ino: number;
  nlink: number;
  uid: number;
  gid: number;
  /** Permission bits only. */
  mode: number;
  /** Bytes. */
  size: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
}

/** A name in a directory, and what it is of. */
export interface DirectoryEntry {
  name: string;
  kind: FileKind;
}

/** Who the caller is, as far as the machine can tell it. */
export interface Self {
  pid: number;
  ppid: number;
  uid: number;
  startTicks: number;
  /** Changes with every boot of the machine. */
  bootId: string;
  /** Names the PID namespace in which `pid` means something. */
  pidNamespace: string;
  hostname: string;
}

/** What a machine tells of a process, its own or another. */
export interface ProcessInfo {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  uid: number;
  /** Clock ticks (10 ms on Linux) between boot and the start of the process; with the PID and the boot it names it. */
  startTicks: number;
  state: 'running' | 'stopped' | 'zombie';
  /** Empty for zombies and for what the caller may not read. */
  command: readonly string[];
}

/** A process that is to be started. */
export interface SpawnRequest {
  /** Program and arguments. In a simulation the first word names a program of the scenario. */
  command: readonly string[];
  /** A new session and process group of its own, as Node's `detached`. */
  detached: boolean;
  /**
   * Descriptors of the caller, files and listening sockets, that the child has too: as its 3, 4, … in this order, shared as
   * after fork(2). A child that never accepts keeps the socket open all the same; one that does becomes a server of it.
   */
  inherit?: readonly number[];
}

/** How a process ended: one of the two is null. */
export interface ExitStatus {
  code: number | null;
  signal: Signal | null;
}

/**
 * Where one listens: a TCP port of a host, or the path of a Unix socket. `host` is an address, however it is written (127.0.0.1,
 * 127.1, `::ffff:127.0.0.1`, `::1`), or a name such as localhost.
 */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly tcpPort: number }
  | { readonly kind: 'unix'; readonly path: string };

/** What a client asks a listener: HTTP as far as health checks need it. */
export interface Request {
  /** Starts with a slash, as in HTTP. */
  readonly path: string;
  readonly body: string;
}

/** A request that a listener has accepted. */
export interface Incoming {
  /** The descriptor to answer. */
  request: number;
  path: string;
  body: string;
}

/** What a listener answers to a request. */
export interface Answer {
  /** An HTTP status code. */
  readonly status: number;
  readonly body: string;
}

/** Who has a socket on a TCP port. */
export interface Holder {
  /** Null when the machine does not tell whose socket it is. */
  pid: number | null;
  uid: number;
  host: string;
}

/** What a mark says besides its name. Plain data, so that a trace can hold it. */
export type MarkData = Readonly<Record<string, string | number | boolean | null>>;
