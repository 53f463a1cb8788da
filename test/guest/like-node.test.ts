/** What a program sees of Node's modules and globals is what it sees under Node: each program here runs in both, and prints the same. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { writeFiles } from './files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'like-node-')));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  return path.join(writeFiles(folder, { 'main.js': text }), 'main.js');
}

async function simulated(file: string, args: readonly string[] = []) {
  const { run, events, failure } = await runOnce(
    scenarioOf({ program: nodeProgram(file, { args }) }, { crashes: 'allowed', faultsForMs: 60_000 }),
  );
  expect(failure).toBeNull();
  const printed = (stream: string): string =>
    events
      .flatMap(({ op, args: { stream: of, text } }) => (op === 'log' && of === stream ? [String(text)] : []))
      .join('\n');
  const [process] = run.world.processes;
  const crash = String((process!.crash as Error | undefined)?.message ?? '');
  return { code: process!.exitCode, stdout: printed('stdout'), stderr: printed('stderr'), crash };
}

/** Runs a program in both. */
async function same(text: string, args: readonly string[] = []): Promise<string> {
  const file = fileOf(text);
  const real = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    cwd: path.dirname(file),
    // What it leaves behind is removed with the folder.
    env: { ...process.env, TMPDIR: folder },
    input: '',
  });
  const seen = await simulated(file, args);
  expect([seen.code, seen.stdout], seen.stderr).toEqual([real.status, real.stdout.trimEnd()]);
  expect(seen.code, real.stderr).toBe(0);
  return seen.stdout;
}

describe('descriptors and devices', () => {
  it('0, 1 and 2 are there, and /dev/null', async () => {
    await same(`
const fs = require('fs');
console.log(fs.writeSync(1, 'a\\n'), fs.readFileSync(0, 'utf8') === '', fs.readFileSync('/dev/null').length);
const fd = fs.openSync('/dev/null', 'r+');
console.log(fs.writeSync(fd, 'x'), fs.fstatSync(fd).isCharacterDevice(), fs.existsSync('/dev/null'));
fs.closeSync(fd);
try { fs.writeSync(fd, 'x'); } catch ({ code }) { console.log(code); }`);
  });

  it('/dev/stdout is descriptor 1', async () => {
    const { stdout } = await simulated(fileOf(`require('fs').writeFileSync('/dev/stdout', 'b\\n');`));
    expect(stdout).toBe('b');
  });

  it('/dev/null is a descriptor of a child', async () => {
    const out = await same(`
const fs = require('fs'), { spawn } = require('child_process');
const fd = fs.openSync('/dev/null', 'a');
spawn('echo', ['hidden'], { stdio: ['ignore', fd, 'inherit'] }).on('exit', (code) => console.log('ended', code));`);
    expect(out).toBe('ended 0');
  });
});

describe('what Node takes from the process', () => {
  it('arguments of util.parseArgs', async () => {
    const out = await same(
      `console.log(JSON.stringify(require('util').parseArgs({ options: { port: { type: 'string' } }, allowPositionals: true })));`,
      ['start', '--port', '3000'],
    );
    expect(out).toContain('"3000"');
  });

  it('Atomics.wait sleeps, in simulated time', async () => {
    await same(`
const shared = new Int32Array(new SharedArrayBuffer(4)), before = Date.now();
console.log(Atomics.wait(shared, 0, 0, 30), Date.now() - before >= 30, Atomics.wait(shared, 0, 1, 30), Atomics.load(shared, 0));
try { Atomics.wait(new Int32Array(1), 0, 0, 1); } catch ({ name }) { console.log(name); }`);
  });

  it('code from text has the globals of the process', async () => {
    await same(`
const vm = require('vm');
console.log(new Function('a', 'return process.pid + a')(1) === process.pid + 1, Function('return typeof Date.now()')());
console.log(vm.runInThisContext('process.pid') === process.pid, new vm.Script('1 + 1').runInThisContext());
console.log((() => {}) instanceof Function, typeof Function.prototype.call);`);
  });

  it('warnings of Node have the PID of the process', async () => {
    const { stderr } = await simulated(
      fileOf(`
const { EventEmitter } = require('events'), emitter = new EventEmitter();
for (let i = 0; i < 11; i++) emitter.on('x', () => {});
require('util').deprecate(() => {}, 'old', 'DEP1')();
console.error(process.pid);`),
    );
    const pid = /^\d+$/m.exec(stderr)?.[0];
    expect(stderr).toContain(`(node:${pid}) MaxListenersExceededWarning`);
    expect(stderr).toContain(`(node:${pid}) [DEP1] DeprecationWarning: old`);
  });

  it('errors of the system look like errors', async () => {
    await same(`
try { require('fs').readFileSync('/nope'); } catch (error) { console.log(error.constructor === Error, error.name, error.message, error.errno); }
try { process.on('SIGKILL', () => {}); } catch ({ message, code }) { console.log(message, code); }`);
  });
});

describe('node:fs', () => {
  it('copies folders, uses several buffers, and changes what it can', async () => {
    await same(`
const fs = require('fs'), os = require('os'), path = require('path');
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'x-'));
const at = (name) => path.join(root, name);
fs.mkdirSync(at('a/b'), { recursive: true });
fs.writeFileSync(at('a/b/f'), 'text');
fs.symlinkSync('/somewhere', at('a/link'));
fs.cpSync(at('a'), at('c'), { recursive: true, filter: (from) => !from.endsWith('skipped') });
console.log(fs.readFileSync(at('c/b/f'), 'utf8'), fs.readlinkSync(at('c/link')));
for (const act of [() => fs.cpSync(at('a'), at('d')), () => fs.cpSync(at('a'), at('a/z'), { recursive: true }), () => fs.cpSync(at('a/b/f'), at('c/b/f'), { force: false, errorOnExist: true })])
  try { act(); console.log('done'); } catch ({ code }) { console.log(code); }
const fd = fs.openSync(at('v'), 'w+');
console.log(fs.writevSync(fd, [Buffer.from('ab'), Buffer.from('cd')]));
const buffers = [Buffer.alloc(1), Buffer.alloc(5)];
console.log(fs.readvSync(fd, buffers, 0), String(buffers[0]), String(buffers[1].subarray(0, 3)));
fs.fchownSync(fd, -1, -1);
fs.closeSync(fd);
fs.lutimesSync(at('v'), 5, 6);
console.log(fs.statSync(at('v')).mtimeMs, typeof fs.statfsSync(root).bsize);
fs.promises.cp(at('v'), at('w')).then(() => console.log(fs.readFileSync(at('w'), 'utf8')));
fs.rmSync(at('a'), { recursive: true });`);
  });

  it('watchFile sees a file that appears, changes and goes', async () => {
    await same(`
const fs = require('fs'), os = require('os'), path = require('path');
const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'x-')), 'f');
const acts = [() => fs.writeFileSync(file, 'a'), () => fs.writeFileSync(file, 'long'), () => fs.unlinkSync(file), () => fs.unwatchFile(file)];
fs.watchFile(file, { interval: 20 }, (now, before) => {
  console.log(before.size, now.size, now.nlink);
  acts.shift()();
});`);
  });

  it('watch reports what appears and changes', async () => {
    const { stdout } = await simulated(
      fileOf(`
const fs = require('fs');
fs.mkdirSync('/tmp/w');
fs.watch('/tmp/w', (event, name) => console.log(event, name));
setTimeout(() => fs.writeFileSync('/tmp/w/f', 'a'), 1500);
setTimeout(() => fs.writeFileSync('/tmp/w/f', 'ab'), 3500);
setTimeout(() => fs.unlinkSync('/tmp/w/f'), 5500);
setTimeout(() => process.exit(), 8000);
try { fs.watch('/nope'); } catch ({ code, syscall }) { console.log(code, syscall); }`),
    );
    expect(stdout.split('\n')).toEqual(['ENOENT watch', 'rename f', 'change f', 'rename f']);
  });
});

describe('servers of TLS and HTTP/2', () => {
  it.each(['https', 'tls', 'http2'])('%s: listens, and only one on a port', async (name) => {
    const { stdout } = await simulated(
      fileOf(`
const { createServer } = require('${name}');
createServer({}, () => {}).listen(3443, () => {
  console.log('listens');
  createServer().on('error', ({ code }) => { console.log(code); process.exit(); }).listen(3443);
});`),
    );
    expect(stdout).toBe('listens\nEADDRINUSE');
  });

  it('a connection is refused', async () => {
    const { crash } = await simulated(
      fileOf(`require('https').createServer({}).listen(3443, () => require('net').connect(3443));`),
    );
    expect(crash).toContain('a connection to a server of https is not simulated');
  });
});

it('modules that are only looked at can be loaded', async () => {
  await same(`
for (const name of ['punycode', 'domain', 'repl', 'trace_events', 'stream/web', 'stream/consumers', 'path/win32', 'https', 'http2', 'module'])
  console.log(name, typeof require(name));
const Module = require('module'), { performance } = require('perf_hooks');
console.log(typeof Module._load('fs').readFileSync, Object.keys(require.extensions).join(), require.resolve.paths('fs'));
performance.mark('a');
console.log(performance.measure('m', 'a').duration >= 0, performance.getEntriesByType('measure').length);
console.log(require('punycode').toASCII('ä.de'), require('http2').constants.HTTP2_HEADER_STATUS);`);
});
