// A confined process sees one directory, its own TCP ports and the processes of its trial, and reaches nothing else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Host, hostOf } from '../../src/node/host.ts';
import { NodeMachine } from '../../src/node/index.ts';
import { ARGUMENTS } from '../../src/ports/arguments.ts';
import type { Machine, Operation, OperationName, ProcessInfo } from '../../src/ports/index.ts';
import { ConfinedMachine, type Confinement, enter } from '../../src/real/confined/index.ts';
import { Paths } from '../../src/real/confined/paths.ts';
import { writeSiteFile } from '../../src/real/confined/site-file.ts';
import { commandOf } from '../../src/real/confined/visible.ts';
import { MARKER, Processes } from '../../src/real/processes.ts';

const ROOT = '/tmp/trial/r';
const PREFIX = ['/usr/bin/node', '/trial-process.js', '/tmp/trial'];
/** Two of the trial, one of them in a group with a foreign process. */
const OURS = 1_001;
const MIXED = 1_002;
const FOREIGN = 7;

function info(pid: number, differs: Partial<ProcessInfo> = {}): ProcessInfo {
  const rest = { ppid: 1, sid: pid, uid: 0, startTicks: pid * 10, state: 'running' } as const;
  return { pid, pgid: pid, ...rest, command: [...PREFIX, 'worker', '1'], ...differs };
}

const TABLE = [info(OURS), info(MIXED), info(FOREIGN, { pgid: MIXED, command: ['sshd'] })];

const HOST = {
  processInfo(pid: number) {
    const found = TABLE.find((each) => each.pid === pid);
    if (found === undefined) throw Object.assign(new Error('ESRCH'), { code: 'ESRCH' });
    return found;
  },
  startTicks: (pid: number) => pid * 10,
  listProcesses: () => TABLE.map(({ pid }) => pid),
} as Host;

const CONFINEMENT: Confinement = {
  root: ROOT,
  tcpPorts: { 9222: 50_001 },
  programs: new Set(['worker']),
  isOurs: (pid) => pid === OURS || pid === MIXED,
  prefix: PREFIX,
};

/** What an operation becomes on the machine below; null if it does not get there. */
async function confined(
  operation: Operation,
  answer: unknown = undefined,
): Promise<{ below: Operation | null; value?: unknown; code?: string; message?: string }> {
  let below: Operation | null = null;
  const machine: Machine = {
    execute: (_, asked, resolve) => {
      below = asked;
      queueMicrotask(() => resolve(answer));
      return { cancel: () => {} };
    },
  };
  const outcome = await new Promise<object>((resolve) => {
    new ConfinedMachine(machine, HOST, CONFINEMENT).execute(
      null,
      operation,
      (value: unknown) => resolve({ value }),
      ({ code, message }) => resolve({ code, message }),
    );
  });
  return { below, ...outcome };
}

const kill = (pid: number, startTicks: number | null = null): Operation => ({
  ...{ op: 'kill', pid, signal: 'SIGKILL', startTicks },
});

describe('paths', () => {
  it.each([
    ['/state/lock', `${ROOT}/state/lock`],
    ['/../../etc/passwd', `${ROOT}/etc/passwd`],
    ['/a/../../../b', `${ROOT}/b`],
    ['relative', `${ROOT}/relative`],
    ['/', `${ROOT}/`],
  ])('%s is %s', (path, real) => {
    expect(new Paths(ROOT).real(path)).toBe(real);
  });

  it('are translated back, and others are not theirs', () => {
    const paths = new Paths(`${ROOT}/`);
    expect(paths.virtual(`${ROOT}/state`)).toBe('/state');
    expect(paths.virtual(ROOT)).toBe('/');
    expect(paths.virtual('/tmp/trial/rest')).toBeNull();
    expect(() => new Paths('/')).toThrow('the root of a confined process got "/"');
  });

  it.each(Object.keys(ARGUMENTS) as OperationName[])(
    '%s reaches the machine with paths below the root, or not at all',
    async (op) => {
      const values = {
        path: '/../../etc',
        address: { kind: 'unix', path: '/../../etc' },
        command: ['worker'],
        cwd: '/../../etc',
      };
      const args = ARGUMENTS[op].map(([key, kind]) => [key, (values as Record<string, unknown>)[kind] ?? 1]);
      const answers: Record<string, unknown> = {
        realpath: ROOT,
        readlink: 'x',
        getsockname: values.address,
        getpeername: values.address,
        holders: [],
      };
      const { below } = await confined({ op, ...Object.fromEntries(args) } as Operation, answers[op]);
      const wrong = pathsIn(below ?? {}).filter((text) => !text.startsWith(`${ROOT}/`));
      expect(wrong).toEqual([]);
    },
  );

  it.each([
    ['/etc/passwd', `${ROOT}/etc/passwd`],
    ['host-4711', 'host-4711'],
    ['a/b', 'a/b'],
  ])('a symbolic link to %s leads to %s', async (target, real) => {
    const { below } = await confined({ op: 'symlink', target, path: '/x' });
    expect(below).toEqual({ op: 'symlink', target: real, path: `${ROOT}/x` });
    expect(await confined({ op: 'readlink', path: '/x' }, real)).toMatchObject({ value: target });
  });

  it.each(['../../etc', 'a/../../b', '..'])('a symbolic link to %s is not made', async (target) => {
    expect(await confined({ op: 'symlink', target, path: '/x' })).toMatchObject({
      below: null,
      code: 'EPERM',
    });
  });

  it('an operation that the table does not know is not permitted', async () => {
    expect(await confined({ op: 'setTitle', title: 'x' })).toMatchObject({ below: null, code: 'EPERM' });
  });

  it('in errors are those that the program knows', async () => {
    const failing: Machine = {
      execute: (_, operation, __, reject) => {
        new NodeMachine().execute(null, operation, () => {}, reject);
        return { cancel: () => {} };
      },
    };
    const error = await new Promise<Error>((resolve) => {
      const machine = new ConfinedMachine(failing, HOST, { ...CONFINEMENT, root: '/tmp/no-such-trial' });
      machine.execute(null, { op: 'unlink', path: '/lock' }, () => {}, resolve);
    });
    expect(error.message).toBe("ENOENT: no such file or directory, unlink '/lock'");
  });
});

/** The values of arguments that are paths. */
function pathsIn(operation: object): string[] {
  const { path, from, to, target, address } = operation as Record<string, unknown>;
  const unix = (address as { kind?: string; path?: string } | undefined)?.path;
  return [path, from, to, target, unix].filter((text) => typeof text === 'string') as string[];
}

describe('TCP ports', () => {
  const address = (tcpPort: number) => ({ kind: 'tcp', host: '127.0.0.1', tcpPort }) as const;

  it('are those of the trial', async () => {
    const { below } = await confined({ op: 'listen', address: address(9_222), backlog: 1 });
    expect(below).toMatchObject({ address: { tcpPort: 50_001 } });
    const { value } = await confined({ op: 'getsockname', fd: 3 }, address(50_001));
    expect(value).toEqual(address(9_222));
  });

  it('of others cannot be used', async () => {
    const listen = { op: 'listen', address: address(80), backlog: 1 } as const;
    const connect = { op: 'connect', address: address(80), timeoutMs: 1 } as const;
    expect(await confined(listen)).toMatchObject({ below: null, code: 'EADDRNOTAVAIL' });
    expect(await confined(connect)).toMatchObject({ below: null, code: 'ECONNREFUSED' });
    expect(await confined({ op: 'holders', tcpPort: 80 })).toMatchObject({ below: null, value: [] });
  });

  it('have holders whose PIDs are known if they belong to the trial', async () => {
    const holders = [OURS, FOREIGN].map((pid) => ({ pid, uid: 0, host: '0.0.0.0' }));
    const { value } = await confined({ op: 'holders', tcpPort: 9_222 }, holders);
    expect(value).toEqual([holders[0], { ...holders[1], pid: null }]);
  });
});

describe('processes', () => {
  it('are those of the trial, with the commands that their programs know', async () => {
    expect(await confined({ op: 'listProcesses' })).toMatchObject({ value: [OURS, MIXED] });
    expect(await confined({ op: 'processInfo', pid: OURS })).toMatchObject({
      value: { pid: OURS, command: ['worker', '1'] },
    });
    expect(await confined({ op: 'processInfo', pid: FOREIGN })).toMatchObject({ code: 'ESRCH' });
    expect(commandOf(['sshd'], PREFIX)).toEqual([]);
  });

  it('show the environment of those of the trial only', async () => {
    const asks = (pid: number): Operation => ({ op: 'processEnv', pid, name: 'MARK' });
    expect((await confined(asks(OURS))).below).toEqual(asks(OURS));
    expect(await confined(asks(FOREIGN))).toMatchObject({ below: null, code: 'ESRCH' });
  });

  it('are signalled by PID and start time', async () => {
    const { below } = await confined(kill(OURS));
    expect(below).toEqual(kill(OURS, OURS * 10));
    expect((await confined(kill(-OURS))).below).toEqual(kill(-OURS, OURS * 10));
  });

  it.each([
    ['a process of others', kill(FOREIGN), 'ESRCH'],
    ['a process that does not exist', kill(99), 'ESRCH'],
    ['one that began at another time', kill(OURS, 5), 'ESRCH'],
    ['a group with a process of others', kill(-MIXED), 'EPERM'],
    ['its own group', kill(0), 'EPERM'],
    ['every process', kill(-1), 'EPERM'],
  ] as const)('%s is not signalled', async (_, operation, code) => {
    expect(await confined(operation)).toMatchObject({ below: null, code });
  });

  it('that may be started are the programs of the trial', async () => {
    const spawn = (word: string): Operation => ({ op: 'spawn', command: [word], detached: false });
    expect((await confined(spawn('worker'))).below).toEqual(spawn('worker'));
    expect(await confined(spawn('/bin/sh'))).toMatchObject({ below: null, code: 'ENOENT' });
  });
});

it('a real process outside of the trial is not seen, and not signalled', async () => {
  const processes = new Processes();
  onTestFinished(() => processes.end().then(() => {}));
  const stranger = await processes.start({
    name: 'stranger',
    command: [process.execPath, '-e', 'setInterval(() => {}, 2 ** 30)'],
  });
  const machine = new ConfinedMachine(new NodeMachine(), hostOf(process.platform), {
    ...CONFINEMENT,
    isOurs: () => false,
  });
  const code = await new Promise((resolve) => {
    machine.execute(
      null,
      kill(stranger.pid),
      () => resolve('signalled'),
      (error) => resolve(error.code),
    );
  });
  expect(code).toBe('ESRCH');
  expect(processes.isAlive(stranger)).toBe(true);
});

describe('a process that enters', () => {
  const directory = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'one-survivor-enter-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  };

  it('refuses a directory that is not that of a trial', () => {
    expect(() => enter(directory(), PREFIX)).toThrow('ENOENT');
  });

  it('refuses to run without the word of the trial in its environment', () => {
    const path = directory();
    const runner = { pid: process.pid, startTicks: 1 };
    writeSiteFile(path, { word: 'secret', runner, tcpPorts: {}, config: {} });
    expect(() => enter(path, PREFIX)).toThrow(`its word is missing in ${MARKER}`);
  });
});
