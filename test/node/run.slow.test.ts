import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorLine, type TraceLine } from '../../src/node/index.ts';
import { Bench, compile, eventually, readLines } from './helpers.ts';

let compiled: string;
let run: string;
beforeAll(() => {
  compiled = mkdtempSync(join(tmpdir(), 'one-survivor-run-'));
  run = compile(compiled);
});
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

/** Starts a process that runs a program, given as the text of a function of ports and argv. */
function start(program: string, argv: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const script = bench.path('main.mjs');
  writeFileSync(
    script,
    `import { runProgram } from ${JSON.stringify(run)};\nrunProgram(${program}, process.argv.slice(2));\n`,
  );
  const child = spawn(process.execPath, [script, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  bench.track(child.pid ?? Number.NaN);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<object>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, pid: child.pid ?? Number.NaN, ended, stdout: () => stdout };
}

const trace = (path: string) => readLines(path).map((line) => JSON.parse(line) as TraceLine);

describe('the exit code', () => {
  it.each([
    ['the program’s', 'async (_, argv) => Number(argv[0])', 5, ''],
    ['none is 0, though there is still something to do', 'async () => { setInterval(() => {}, 1e9) }', 0, ''],
    [
      'an error with an exit code',
      'async () => { throw Object.assign(new Error("x"), { exitCode: 74 }) }',
      74,
      'Error: x\n',
    ],
    [
      'an error with a code that is none',
      'async () => { throw Object.assign(new Error("x"), { exitCode: 0 }) }',
      1,
      'Error: x\n',
    ],
    ['exit, the low byte', 'async (ports) => { await ports.process.exit(256 + 9); return 1 }', 9, ''],
    ['what is no number is 0', 'async () => Number.NaN', 0, ''],
    [
      '1 and one line for an error',
      'async () => { throw new Error("a\\nb\\x1b[1m") }',
      1,
      'Error: a\\u000ab\\u001b[1m\n',
    ],
    ['also for what is no error', 'async () => { throw "x" }', 1, 'x\n'],
    ['also when it throws at once', '() => { throw new TypeError("t") }', 1, 'TypeError: t\n'],
  ])('%s', async (_, program, code, stderr) => {
    expect(await start(program, ['5']).ended).toEqual({ code, signal: null, stdout: '', stderr });
  });
});

it('a program lives until it is done, even if it only waits for a signal', async () => {
  const { pid, ended, stdout } = start(
    `async (ports) => new Promise((resolve) => {
      ports.process.onSignal(['SIGTERM'], () => resolve(3)).then(() => console.log('up'));
    })`,
  );
  await eventually(() => stdout() === 'up\n');
  await bench.ports.process.kill(pid, 'SIGTERM');
  expect(await ended).toMatchObject({ code: 3 });
});

it('neither waiting for a signal nor a detached child keeps a process that runs no program', async () => {
  const script = bench.path('main.mjs');
  const machine = JSON.stringify(run.replace('run.js', 'machine.js'));
  const command = JSON.stringify([process.execPath, '-e', 'setInterval(() => {}, 1e9)']);
  writeFileSync(
    script,
    `import { NodeMachine } from ${machine};
     const machine = new NodeMachine({ stdout: 'ignore', stderr: 'ignore' });
     const ask = (operation) => new Promise((resolve, reject) => machine.execute(null, operation, resolve, reject));
     await ask({ op: 'sigaction', signal: 'SIGHUP', action: 'handle' });
     machine.execute(null, { op: 'sigwait' }, () => {}, () => {});
     for (const detached of [true, false]) {
       const pid = await ask({ op: 'spawn', command: ${command}, detached });
       console.log(pid);
       if (detached) machine.execute(null, { op: 'wait', pid }, () => {}, () => {});
     }`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  bench.track(child.pid ?? Number.NaN);
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  const pids = stdout.trim().split('\n').map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) await bench.ports.process.kill(bench.track(pid), 'SIGKILL');
});

describe.runIf(process.platform === 'linux')('an inherited Unix socket', () => {
  // A child that asks before and after its first accept, and then starts a grandchild that inherits the socket from it.
  const program = (lines: string) => `async (ports, [generation]) => {
    const { appendFileSync } = await import('node:fs');
    const ask = async () => {
      const { path, code } = await ports.net.addressOf(3).catch((error) => error);
      appendFileSync(${JSON.stringify(lines)}, JSON.stringify(path ?? code) + '\\n');
    };
    await ask();
    ports.net.accept(3).catch(() => {});
    await ask();
    if (generation === '1') return;
    const command = [process.execPath, process.argv[1], '1'];
    await (await ports.process.spawn(command, { inherit: [3] })).exited;
  }`;

  it.each([
    ['close unlinks', true, 'socket'],
    ['close leaves', false, 'socket'],
    ['close unlinks, with a newline', true, 'a\n b'],
    ['close leaves, with a newline', false, 'a\n b'],
  ])('has the address that it was bound to: a name that %s', async (_, unlinkOnClose, name) => {
    const address = { kind: 'unix', path: bench.path(name) } as const;
    const fd = await bench.ports.net.listen(address, { unlinkOnClose });
    const lines = bench.path('lines');
    const script = bench.path('main.mjs');
    const text = `import { runProgram } from ${JSON.stringify(run)};\nrunProgram(${program(lines)}, process.argv.slice(2));`;
    writeFileSync(script, text);
    const { pid, exited } = await bench.ports.process.spawn([process.execPath, script, '0'], {
      inherit: [fd],
    });
    bench.track(pid);
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(readLines(lines).map((line) => JSON.parse(line))).toEqual(Array(4).fill(address.path));
    await bench.ports.net.close(fd);
  });
});

describe('the trace', () => {
  it('has a line for every outcome and mark, comparable between processes', async () => {
    const path = bench.path('trace');
    const program = `async (ports) => {
      ports.mark('own', { at: 1 });
      await ports.fs.stat('/no/such').catch(() => {});
      await ports.process.randomHex(0);
      return 4;
    }`;
    const before = await bench.ports.clock.monotonicMs();
    const { pid, ended } = start(program, [], { ONE_SURVIVOR_TRACE: path });
    expect(await ended).toMatchObject({ code: 4, stderr: '' });
    const lines = trace(path);
    expect(lines.map(({ askedMs, atMs, ...line }) => line)).toEqual([
      { pid, op: 'mark', args: { name: 'own', data: { at: 1 } } },
      { pid, op: 'stat', args: { path: '/no/such' }, error: 'ENOENT' },
      { pid, op: 'random', args: { bytes: 0 }, result: '' },
      { pid, op: 'exit', args: { code: 4 } },
    ]);
    const after = await bench.ports.clock.monotonicMs();
    const times = [before, ...lines.flatMap(({ askedMs, atMs }) => [askedMs, atMs]), after];
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('loses nothing to SIGKILL, and lines of several processes do not mix', async () => {
    const path = bench.path('trace');
    const program = `async (ports) => {
      for (let count = 0; count < 300; count++) ports.mark('count', { count, padding: 'x'.repeat(500) });
      await ports.process.kill(process.pid, 'SIGKILL');
    }`;
    const runs = Array.from({ length: 3 }, () => start(program, [], { ONE_SURVIVOR_TRACE: path }));
    for (const { ended } of runs) expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    const lines = trace(path);
    for (const { pid } of runs) {
      const counts = lines
        .filter((line) => line.pid === pid && line.op === 'mark')
        .map(({ args }) => args.data);
      expect(counts).toHaveLength(300);
    }
  });
});

it('a trace that cannot be written ends the process', async () => {
  const program = 'async (ports) => { ports.mark("own"); console.log("went on"); }';
  expect(await start(program, [], { ONE_SURVIVOR_TRACE: '/dev/full' }).ended).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr: 'Error: ENOSPC: no space left on device, write\n',
  });
});

it('an error is printed on one line', () => {
  expect(errorLine(new RangeError('a\u2028b\r\n'))).toBe('RangeError: a\\u2028b\\u000d\\u000a');
});

describe('at the limit of processes', () => {
  it('a process cannot be started: EAGAIN, and the program goes on', async () => {
    // Its own limit is lowered to less than it has. The superuser has none.
    const { ended } = start(`async ({ process: own }) => {
      if (process.getuid() === 0) process.setuid(65534);
      const codeOf = (started) => started.then(({ exited }) => exited, ({ code }) => code);
      const { pid } = await own.self();
      console.log(await codeOf(own.spawn(['prlimit', '--pid', String(pid), '--nproc=1:1'])));
      console.log(await codeOf(own.spawn(['true'])));
    }`);
    expect(await ended).toEqual({
      code: 0,
      signal: null,
      stdout: '{ code: 0, signal: null }\nEAGAIN\n',
      stderr: '',
    });
  });
});
