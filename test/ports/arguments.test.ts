/** Bad arguments: the ports give the error that Node itself gives, and no operation takes place. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { KINDS, type KindName } from '../../src/ports/argument-kinds.ts';
import { ARGUMENTS, mistakeByTable, mistakeIn } from '../../src/ports/arguments.ts';
import { type Machine, type Operation, type OperationName, portsOf } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { HALF, oddValues } from '../conformance/odd-values.ts';

const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: 80 } as const;
const USUAL: { readonly [Name in OperationName]: Omit<Operation<Name>, 'op'> } = {
  ...{ self: {}, listProcesses: {}, sigwait: {}, exit: { code: 1.5 } },
  mark: { name: 'own', data: {} },
  open: { path: '/no/f', flags: 0, mode: 0o666 },
  read: { fd: 3, length: 8, position: null },
  write: { fd: 3, data: 'a\xff', position: 3 },
  ftruncate: { fd: 3, length: 0 },
  ...{ close: { fd: 3 }, fsync: { fd: 3 }, fstat: { fd: 3 }, readdir: { fd: 3 } },
  ...{ stat: { path: '/no' }, lstat: { path: '/no' }, readlink: { path: '/no' }, realpath: { path: '/no' } },
  statfs: { path: '/no' },
  ...{ unlink: { path: '/no' }, rmdir: { path: '/no' }, opendir: { path: '/no' } },
  access: { path: '/no', mode: 7 },
  chmod: { path: '/no', mode: 0o644 },
  mkdir: { path: '/no/d', mode: 0o777 },
  fchmod: { fd: 3, mode: 0 },
  chown: { path: '/no', uid: -1, gid: 2 ** 32 - 1 },
  utimes: { path: '/no', atimeMs: 0, mtimeMs: 1.5 },
  futimes: { fd: 3, atimeMs: 0, mtimeMs: 1.5 },
  ...{ link: { from: '/no', to: '/no/2' }, rename: { from: '/no', to: '/no/2' } },
  symlink: { target: '', path: '/no/2' },
  ...{ processInfo: { pid: 1 }, wait: { pid: -1 } },
  spawn: {
    ...{ command: ['idle', ''], detached: false, inherit: [3], stdio: [null, 3] },
    ...{ cwd: '/no', env: { a: '=' }, clearEnv: true },
  },
  processEnv: { pid: 1, name: 'a' },
  kill: { pid: 1, signal: 0, startTicks: null },
  sigaction: { signal: 'SIGTERM', action: 'handle' },
  setTitle: { title: '\0' },
  ...{ clock: { which: 'wall' }, sleep: { ms: Number.NaN }, random: { bytes: 0 } },
  listen: { address: ADDRESS, backlog: 0 },
  ...{ getsockname: { fd: 3 }, accept: { fd: 3 }, holders: { tcpPort: 65_535 } },
  answer: { request: 3, answer: { status: 204, body: '' } },
  connect: { address: { kind: 'unix', path: HALF }, timeoutMs: -1 },
  ...{ pipe: {}, socketpair: {}, acceptStream: { fd: 3 }, shutdown: { fd: 3 }, reset: { fd: 3 } },
  ...{ getpeername: { fd: 3 }, recv: { fd: 3, length: 8 }, send: { fd: 3, data: 'a\xff' } },
  connectStream: { address: ADDRESS, timeoutMs: 1 },
  request: { address: ADDRESS, request: { path: '/?', body: '' }, timeoutMs: 1 },
};
const usual = <Name extends OperationName>(op: Name) => ({ op, ...USUAL[op] }) as unknown as Operation;

interface Case {
  readonly op: OperationName;
  readonly key: string;
  readonly kind: KindName;
  readonly value: unknown;
  readonly operation: Operation;
}

const CASES: readonly Case[] = Object.entries(ARGUMENTS).flatMap(([name, rows]) => {
  const op = name as OperationName;
  return (rows as readonly (readonly [string, KindName])[]).flatMap(([key, kind]) => {
    const good = usual(op);
    const values = oddValues(kind, (good as unknown as Record<string, unknown>)[key]);
    return values.map((value): Case => {
      return { op, key, kind, value, operation: { ...good, [key]: value } as Operation };
    });
  });
});

const fd = fs.openSync(import.meta.filename, 'r');
afterAll(() => fs.closeSync(fd));
const quietly = (emitter: NodeJS.EventEmitter) => void emitter.on('error', () => {});
const inSeconds = (ms: unknown) => (typeof ms === 'number' ? ms / 1000 : ms);

/** What Node is asked with an odd argument. All that it accepts has no effect: paths below /no, a file opened to read. */
// biome-ignore lint/suspicious/noExplicitAny: the point is that the types are wrong.
const NODE: { readonly [row: string]: (value: any) => void } = {
  'open.flags': (flags) => fs.openSync('/no/f', flags),
  'open.mode': (mode) => fs.openSync('/no/f', 0, mode),
  'open.path': (path) => fs.openSync(path, 0),
  'read.fd': (fd) => fs.readSync(fd, Buffer.alloc(8)),
  'read.length': (length) => fs.readSync(fd, Buffer.alloc(8), 0, length, 0),
  'read.position': (position) => fs.readSync(fd, Buffer.alloc(8), 0, 8, position),
  'write.position': (position) => fs.writeSync(fd, Buffer.from('a'), 0, 1, position),
  'ftruncate.length': (length) => fs.ftruncateSync(fd, length),
  'close.fd': (fd) => fs.closeSync(fd),
  'fsync.fd': (fd) => fs.fsyncSync(fd),
  'fstat.fd': (fd) => fs.fstatSync(fd),
  'fchmod.fd': (fd) => fs.fchmodSync(fd, 0),
  'chmod.mode': (mode) => fs.chmodSync('/no', mode),
  'mkdir.mode': (mode) => fs.mkdirSync('/no/d', { mode }),
  'access.mode': (mode) => fs.accessSync('/no', mode),
  'chown.uid': (uid) => fs.chownSync('/no', uid, 0),
  'chown.gid': (gid) => fs.chownSync('/no', 0, gid),
  'utimes.atimeMs': (ms) => fs.utimesSync('/no', inSeconds(ms) as number, 0),
  'futimes.mtimeMs': (ms) => fs.futimesSync(987, 0, inSeconds(ms) as number),
  ...Object.fromEntries(
    (['stat', 'lstat', 'readlink', 'unlink', 'rmdir', 'opendir'] as const).map((op) => [
      `${op}.path`,
      (path: string) => (fs[`${op}Sync`] as (path: string) => void)(path),
    ]),
  ),
  'statfs.path': (path) => fs.statfsSync(path),
  'realpath.path': (path) => fs.realpathSync.native(path),
  'chmod.path': (path) => fs.chmodSync(path, 0),
  'mkdir.path': (path) => fs.mkdirSync(path),
  'access.path': (path) => fs.accessSync(path),
  'chown.path': (path) => fs.chownSync(path, 0, 0),
  'utimes.path': (path) => fs.utimesSync(path, 0, 0),
  'link.from': (path) => fs.linkSync(path, '/no/2'),
  'link.to': (path) => fs.linkSync('/no', path),
  'rename.from': (path) => fs.renameSync(path, '/no/2'),
  'rename.to': (path) => fs.renameSync('/no', path),
  'symlink.target': (path) => fs.symlinkSync(path, '/no/2'),
  'symlink.path': (path) => fs.symlinkSync('/no', path),
  'kill.pid': (pid) => process.kill(pid, 0),
  'spawn.command': ([file, ...args]) => quietly(spawn(file, args)),
  'random.bytes': (size) => randomBytes(size),
  'listen.address': ({ host, tcpPort: port, path }) => {
    const server = net.createServer();
    quietly(server);
    server.listen(path === undefined ? { host, port } : { path }, () => server.close()).close();
  },
  'answer.answer': ({ status }) => {
    new http.ServerResponse(new http.IncomingMessage(new net.Socket())).writeHead(status);
  },
  'request.request': ({ path }) => {
    const request = http.request({ host: '127.0.0.1', port: 1, path });
    quietly(request);
    request.destroy();
  },
};

/** Node accepts these, and does something else with them. */
const STRICTER: readonly string[] = [
  'open.mode null',
  'read.length 1.5',
  ...['NaN', 'Infinity', '4294967296', '9007199254740992', 'x', 'null'].map(
    (value) => `read.length ${value}`,
  ),
  'read.position undefined',
  ...['-1', '-3', '1.5', 'NaN', '9007199254740992', 'x', 'undefined'].map(
    (value) => `write.position ${value}`,
  ),
  ...['1.5', 'null'].map((value) => `access.mode ${value}`),
  ...['-1', '-1500.5', '1e+300'].flatMap((ms) => [`utimes.atimeMs ${ms}`, `futimes.mtimeMs ${ms}`]),
  'random.bytes 1.5',
  'open.flags null',
];

const isAbort = ({ kind, value }: Case) => kind === 'mode' && (value === 2 ** 31 || value === 2 ** 32 - 1);
const isOurs = ({ op, key, value }: Case) => {
  const { status, path, tcpPort, host } = (value ?? {}) as Record<string, unknown>;
  if (key === 'answer')
    return [100, 101, 199, 200.5].includes(status as number) || status === 200 || value === null;
  if (key === 'request') return path !== '/a b' && path !== '/\n' && path !== '/\u20ac';
  if (op === 'listen')
    return typeof path !== 'undefined' || tcpPort === undefined || String(host).includes('\0');
  if (key === 'env') return true;
  if (key === 'command') return !Array.isArray(value) || value.length === 0 || value[1] === 1;
  return STRICTER.includes(`${op}.${key} ${String(value)}`);
};

function argumentErrorOf(act: () => void): { name: string; code: string; message: string } | null {
  try {
    act();
    return null;
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    // A failure of the system: the arguments were good.
    return code?.startsWith('ERR_') ? { name, code, message } : null;
  }
}

const asked = CASES.filter((one) => Object.hasOwn(NODE, `${one.op}.${one.key}`) && !isAbort(one));

describe('a bad argument', () => {
  it("gives Node's error", () => {
    const different: unknown[] = [];
    let compared = 0;
    for (const one of asked) {
      if (isOurs(one)) continue;
      const node = argumentErrorOf(() => NODE[`${one.op}.${one.key}`]!(one.value));
      const mistake = mistakeIn(one.operation) as (Error & { code: string }) | null;
      compared++;
      if (node?.name !== mistake?.name || node?.code !== mistake?.code)
        different.push([one.op, one.key, one.value, node, mistake]);
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(200);
  });

  it('is refused although Node accepts it, where it makes no sense', () => {
    const rows = asked.filter(
      (one) => isOurs(one) && ['fs', 'random'].includes(one.op === 'random' ? 'random' : 'fs'),
    );
    const listed = rows.filter(
      ({ op, key }) => !['listen', 'answer', 'request', 'spawn'].includes(op) && key !== '',
    );
    for (const { op, key, value, operation } of listed) {
      expect([op, key, value, argumentErrorOf(() => NODE[`${op}.${key}`]!(value))]).toEqual([
        op,
        key,
        value,
        null,
      ]);
      expect(mistakeIn(operation)).not.toBeNull();
    }
    expect(listed).toHaveLength(STRICTER.length);
  });

  it('has the message of Node', () => {
    const words = (row: string, value: unknown, operation: Operation) => {
      const node = argumentErrorOf(() => NODE[row]!(value));
      expect(mistakeIn(operation)?.message).toBe(node?.message);
    };
    for (const value of [-1, 1.5, 2 ** 31, 'x', null])
      words('fstat.fd', value, { op: 'fstat', fd: value as number });
    for (const length of [1.5, 2 ** 53, 'x'])
      words('ftruncate.length', length, { op: 'ftruncate', fd: 3, length: length as number });
    for (const position of [-3, 2 ** 53, 1.5])
      words('read.position', position, { op: 'read', fd: 3, length: 1, position });
    for (const uid of [-2, 2 ** 32]) words('chown.uid', uid, { op: 'chown', path: '/no', uid, gid: 0 });
  });

  it('is found by the fast check as by the table', () => {
    for (const op of Object.keys(ARGUMENTS) as OperationName[]) expect(mistakeIn(usual(op))).toBeNull();
    for (const { operation } of CASES) {
      expect([operation, mistakeIn(operation)?.message]).toEqual([
        operation,
        mistakeByTable(operation)?.message,
      ]);
    }
  });

  it('is known for each kind of argument', () => {
    const kinds = new Set(
      CASES.filter(({ operation }) => mistakeIn(operation) !== null).map(({ kind }) => kind),
    );
    expect([...kinds].sort()).toEqual(Object.keys(KINDS).sort());
  });
});

describe('the call of a port with a bad argument', () => {
  const asked: Operation[] = [];
  const machine: Machine = {
    execute: (_, operation) => {
      asked.push(operation);
      return { cancel: () => {} };
    },
  };
  const { fs, net, probe, process, clock } = portsOf(machine, 'p');

  it.each<[string, () => Promise<unknown>, string]>([
    ['stat', () => fs.stat('a\0b'), 'ERR_INVALID_ARG_VALUE'],
    ['open', () => fs.open('/a', 'rw'), 'ERR_INVALID_ARG_VALUE'],
    ['write', () => fs.write(3, '\u20ac'), 'ERR_INVALID_ARG_VALUE'],
    ['chmod', () => fs.chmod('/a', -1), 'ERR_OUT_OF_RANGE'],
    ['listen', () => net.listen({ kind: 'tcp', host: '::', tcpPort: 65_536 }), 'ERR_SOCKET_BAD_PORT'],
    ['holders', () => probe.holders(-1), 'ERR_SOCKET_BAD_PORT'],
    ['answer', () => net.answer(3, { status: 99, body: '' }), 'ERR_HTTP_INVALID_STATUS_CODE'],
    ['info', () => process.info(1.5), 'ERR_INVALID_ARG_TYPE'],
    ['sleep', () => clock.sleep('x' as never), 'ERR_INVALID_ARG_TYPE'],
    [
      'sleep with a signal',
      () => clock.sleep('x' as never, new AbortController().signal),
      'ERR_INVALID_ARG_TYPE',
    ],
  ])('%s rejects, and asks no machine', async (_, calls, code) => {
    const promise = calls();
    await expect(promise).rejects.toMatchObject({ code });
    expect(asked).toEqual([]);
  });

  it('is no step of a run', async () => {
    const codes: string[] = [];
    const steps = async (bad: boolean) => {
      const program = async ({ fs }: Parameters<Parameters<typeof scenarioOf>[0][string]>[0]) => {
        await fs.mkdir('/d');
        if (bad) await fs.stat('\0').catch(({ code }) => codes.push(code));
        await fs.rmdir('/d');
      };
      const { events } = await runOnce(scenarioOf({ program }));
      return events.map((event) => ({ ...event, at: null }));
    };
    expect(await steps(true)).toEqual(await steps(false));
    expect(codes).toEqual(['ERR_INVALID_ARG_VALUE']);
  });
});
