import type { Signal } from './signals.ts';

/**
 * All operations that a machine offers, similar to a system-call table. Operations are plain data: a program
 * requests them, the scheduler orders them, a machine executes them, and a trace records them.
 *
 * Each row is `name: [arguments, result]`. Names and meanings are those of the POSIX call of the same name; rows that follow
 * Node instead say so. Units are in the names: `timeoutMs`, `mtimeMs`.
 */
export interface OperationTable {
  // Files. Paths are absolute, or relative to the working directory of the process.
  /** `flags`: Linux open(2) bits, see `open-flags.ts`. Result: the descriptor. */
  open: [{ path: string; flags: number; mode: number }, number];
  /** Closes a file, a directory, a listening or connected socket, or one end of a pipe. */
  close: [{ fd: number }, void];
  /**
   * If `position` is `null`, reads at the offset of the descriptor and advances it. An empty result means end of file. Of a pipe or a
   * connected socket (`position` is `null`): waits until there is something to read, or the other end is closed everywhere.
   */
  read: [{ fd: number; length: number; position: number | null }, Bytes];
  /** Result: the number of bytes written, possibly fewer than requested. Waits while a pipe or socket has no room; EPIPE. */
  write: [{ fd: number; data: Bytes; position: number | null }, number];
  ftruncate: [{ fd: number; length: number }, void];
  fsync: [{ fd: number }, void];
  fstat: [{ fd: number }, Stat];
  stat: [{ path: string }, Stat];
  lstat: [{ path: string }, Stat];
  /** The filesystem that holds a path, by its number in statfs(2). The numbers are those of Linux; other systems have others. */
  statfs: [{ path: string }, { type: number }];
  /** `mode`: the R_OK (4), W_OK (2) and X_OK (1) bits of access(2); 0 tests for existence. */
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
   * The next entries of an open directory without `.` and `..`, in unspecified order; with a `prefix`, only those whose names
   * begin with it. An empty result means that there are no more.
   */
  readdir: [{ fd: number; prefix?: string }, DirectoryEntry[]];

  // Processes.
  self: [Nothing, Self];
  /** The process table's entry of a PID. ESRCH if there is no such process; EACCES if the system hides it from the caller. */
  processInfo: [{ pid: number }, ProcessInfo];
  listProcesses: [Nothing, number[]];
  /**
   * The value of a variable in the environment with which a process was started, or of its last execve(2); what it has set since is not
   * seen. `null`: it has no such variable, is a zombie, or is in the midst of execve(2). ESRCH; EACCES if it belongs to another user.
   */
  processEnv: [{ pid: number; name: string }, string | null];
  /**
   * Starts a child of the caller. Result: its PID. A child that has ended is a zombie, and keeps its PID and its group, until the
   * caller waits for it. Node waits for its children by itself, so on a real machine zombies are hardly ever visible.
   */
  spawn: [SpawnRequest, number];
  /** Waits for a child to end and reaps it. ECHILD if it is not a child of the caller, or was already waited for. */
  wait: [{ pid: number }, ExitStatus];
  /**
   * `signal` 0 tests whether the PID exists. A negative `pid` is a process group. With `startTicks`, the machine sends the
   * signal only if the process with that PID started then, and fails with ESRCH otherwise: check and signal are one operation.
   */
  kill: [{ pid: number; signal: Signal | 0; startTicks: number | null }, void];
  /** Sets what a signal does to the caller. `handle` delivers it to `sigwait`. */
  sigaction: [{ signal: Signal; action: 'default' | 'ignore' | 'handle' }, void];
  /** Waits for the next signal whose action is `handle`. */
  sigwait: [Nothing, Signal];
  /** Replaces the caller's command in the process table, as Node's `process.title` does. */
  setTitle: [{ title: string }, void];
  /** Ends the caller. Does not return. */
  exit: [{ code: number }, never];

  // Time and randomness.
  /** Milliseconds. `wall`: since the epoch, may jump. `monotonic`: since an arbitrary start, never jumps, stops during suspend. */
  clock: [{ which: 'wall' | 'monotonic' }, number];
  /** Waits on the monotonic clock. */
  sleep: [{ ms: number }, void];
  /** Two hexadecimal digits per byte. */
  random: [{ bytes: number }, string];

  // Sockets. Requests and answers are whole messages; on a real machine they are sent as HTTP.
  /**
   * Result: the listening descriptor. For TCP port 0 the machine picks a free port, see `getsockname`. Closing removes the file of
   * a Unix socket, as libuv and Node do; with `unlinkOnClose: false` it does not, like close(2). Clients are taken by `accept`, as whole
   * messages; with `streams` by `acceptStream`.
   */
  listen: [{ address: Address; backlog: number; unlinkOnClose?: boolean; streams?: boolean }, number];
  /** The local address of a listening or connected descriptor, in the kernel's notation. EBADF, ENOTSOCK. */
  getsockname: [{ fd: number }, Address];
  /** Waits for the next request to a listening descriptor: a whole message, also if the client connects by `connectStream`. EINVAL with `streams`. */
  accept: [{ fd: number }, Incoming];
  answer: [{ request: number; answer: Answer }, void];
  /** Connects and disconnects. Success proves only that something listens: it may be stopped. ETIMEDOUT, ECONNREFUSED, ENOENT. */
  connect: [{ address: Address; timeoutMs: number }, void];
  /** Connects, sends a request and waits for the answer, all within `timeoutMs`. */
  request: [{ address: Address; request: Request; timeoutMs: number }, Answer];
  /** The processes that listen on a TCP port, on any local address, as far as the caller may see them. */
  holders: [{ tcpPort: number }, Holder[]];

  // Streams of bytes: pipes, and connected sockets.
  /** A pipe: what is written to the one is read from the other. It holds 64 KiB. EMFILE. */
  pipe: [Nothing, { readFd: number; writeFd: number }];
  /** Two Unix stream sockets that are connected to each other. EMFILE. */
  socketpair: [Nothing, { fd: number; otherFd: number }];
  /** Connects. Result: the descriptor. Success proves only that something listens. ETIMEDOUT, ECONNREFUSED, ENOENT, EAGAIN (Unix: backlog is full). */
  connectStream: [{ address: Address; timeoutMs: number }, number];
  /** Waits for the next connection to a descriptor that listens with `streams`. A `request` arrives as HTTP/1.1. EBADF, ENOTSOCK, EINVAL. */
  acceptStream: [{ fd: number }, number];
  /** At most `length` bytes; waits until there are some. An empty result: the other end sends nothing more. ECONNRESET, ENOTSOCK. */
  recv: [{ fd: number; length: number }, Bytes];
  /** Result: how many bytes were sent, as many as there is room for; waits while there is none. EPIPE, ECONNRESET, ENOTSOCK. */
  send: [{ fd: number; data: Bytes }, number];
  /** Half-closes a connection: the other end reads to the end, and may still send. shutdown(2) with SHUT_WR. */
  shutdown: [{ fd: number }, void];
  /** Closes a TCP connection so that the other end gets ECONNRESET: close(2) with SO_LINGER 0. EINVAL for others. */
  reset: [{ fd: number }, void];
  /** The address of the other end. An unnamed Unix socket has the path ''. EBADF, ENOTSOCK, EINVAL (it listens). */
  getpeername: [{ fd: number }, Address];

  // Observation.
  /** Declares a fact about the program ("own", "release") for invariants and traces. Takes no time, and is not a scheduling point. */
  mark: [{ name: string; data: MarkData }, void];
}

/** The name of a row of the table. */
export type OperationName = keyof OperationTable;
/** A call of the machine: the name of a row, and its arguments. Plain data. */
export type Operation<Name extends OperationName = OperationName> = {
  [N in Name]: { readonly op: N } & Readonly<OperationTable[N][0]>;
}[Name];
/** The result of an operation that succeeds. */
export type ResultOf<Name extends OperationName> = OperationTable[Name][1];

type Nothing = Record<never, never>;

/** A string with one character (0 to 255) per byte: cheap to slice and compare, and plain data. */
export type Bytes = string;

/** The type of an inode. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'socket' | 'fifo' | 'character-device';

/** The result of stat(2). */
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

/** A name in a directory, and the type of its inode. */
export interface DirectoryEntry {
  name: string;
  kind: FileKind;
}

/** The identity of the caller. */
export interface Self {
  pid: number;
  ppid: number;
  uid: number;
  startTicks: number;
  /** Changes with every boot of the machine. */
  bootId: string;
  /** The PID namespace in which `pid` is valid. */
  pidNamespace: string;
  hostname: string;
}

/** An entry of the process table. */
export interface ProcessInfo {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  uid: number;
  /** Clock ticks (10 ms on Linux) from boot to the start of the process. Boot, PID and start ticks identify a process uniquely. */
  startTicks: number;
  state: 'running' | 'stopped' | 'zombie';
  /** Empty for zombies, and for processes whose command line the caller may not read. */
  command: readonly string[];
}

/** A process to start. */
export interface SpawnRequest {
  /** Program and arguments. In a simulation the first word names a program of the scenario. */
  command: readonly string[];
  /** Whether it gets its own session and process group, as with Node's `detached`. */
  detached: boolean;
  /**
   * Files, sockets and pipes that the child inherits: as its descriptors 3, 4, … in this order, shared as after fork(2).
   * Inheriting a socket keeps it open, even if the child never accepts; if it accepts, it answers requests to that socket.
   */
  inherit?: readonly number[];
  /**
   * What the child's standard input, output and error are: a descriptor of the caller, or `null` for /dev/null. 0, 1 or 2, if the caller
   * was started without: neither has the child. Default: on a real machine as the program was started; in a simulation it has none.
   */
  stdio?: readonly (number | null)[];
  /** The working directory. Default: the caller's. ENOENT, ENOTDIR, EACCES. */
  cwd?: string;
  /** Added to the environment of the caller, which the child inherits, and its children too. */
  env?: Readonly<Record<string, string>>;
  /** The environment of the child is `env` alone. */
  clearEnv?: boolean;
}

/** How a process ended: either the code or the signal is `null`. */
export interface ExitStatus {
  code: number | null;
  signal: Signal | null;
}

/**
 * A TCP port of a host, or the path of a Unix socket. `host` is a name such as localhost, or an address in any notation (127.0.0.1,
 * 127.1, `::ffff:127.0.0.1`, `::1`).
 */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly tcpPort: number }
  | { readonly kind: 'unix'; readonly path: string };

/** A request to a listener: the part of HTTP that health checks need. */
export interface Request {
  /** Starts with a slash, as in HTTP. */
  readonly path: string;
  readonly body: string;
}

/** A request that a listener has accepted. */
export interface Incoming {
  /** The descriptor to answer on. */
  request: number;
  path: string;
  body: string;
}

/** A listener's answer to a request. */
export interface Answer {
  /** An HTTP status code. */
  readonly status: number;
  readonly body: string;
}

/** The holder of a socket on a TCP port. */
export interface Holder {
  /** `null` if the machine does not reveal which process holds the socket. */
  pid: number | null;
  uid: number;
  host: string;
}

/** The data of a mark. Plain data, so that a trace can hold it. */
export type MarkData = Readonly<Record<string, string | number | boolean | null>>;
