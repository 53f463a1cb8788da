/** Modules of Node and `process` in a simulated process. */
import { pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'node-modules-')));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function ran(text: string) {
  const file = path.join(folder, `m${files++}.js`);
  writeFileSync(file, text);
  const { events, failure, run } = await runOnce(
    scenarioOf(
      { program: nodeProgram(file) },
      { crashes: 'allowed', faultsForMs: 60_000, machine: { busyMs: 0 } },
    ),
  );
  expect(failure).toBeNull();
  const [process] = run.world.processes;
  return {
    file,
    lines: events.flatMap((event) => (event.op === 'log' ? String(event.args.text).split('\n') : [])),
    crash: String((process!.crash as Error | undefined)?.message ?? ''),
    code: process!.exitCode,
    signal: process!.exitSignal,
  };
}

describe('what is not simulated', () => {
  it.each([
    [`require('cluster').fork()`, 'cluster.fork', 'Start another process with child_process.fork'],
    [`require('https').get('https://x')`, 'https.get', 'Leave it out'],
    [`require.extensions['.ts'] = () => {}`, 'another loader of .ts files', 'Leave it out'],
    [
      `new (require('worker_threads').Worker)('x')`,
      'worker_threads.Worker',
      'Start another process with child_process.fork',
    ],
    [`require('crypto').generateKeyPairSync('rsa')`, 'crypto.generateKeyPairSync', 'Leave it out'],
    [`process.setuid(5)`, 'process.setuid to another one', 'Start the program with its uid'],
    [`require('wasi')`, 'the module "wasi"', 'Leave it out'],
    [`require('repl').start()`, 'repl.start', 'Leave it out'],
    [`require('vm').runInNewContext('1')`, 'vm.runInNewContext', 'Leave it out'],
  ])('is refused with its line: %s', async (text, what, instead) => {
    const { crash, file } = await ran(`\n${text};`);
    expect(crash).toMatch(`${what} is not simulated (used at ${file}:2:`);
    expect(crash).toContain(instead);
  });

  it('looks as under Node to a program that does not use it', async () => {
    const { lines } = await ran(
      `console.log(typeof require('fs').watch, typeof process.setuid, typeof process.send, 'watch' in require('fs'), require('worker_threads').isMainThread);`,
    );
    expect(lines).toEqual(['function function undefined true true']);
  });
});

describe('modules', () => {
  it('compute what Node computes', async () => {
    const { lines } = await ran(`
const zlib = require('zlib'), crypto = require('crypto'), os = require('os'), readline = require('readline');
const { Readable } = require('stream');
console.log(zlib.gunzipSync(zlib.gzipSync('a')).toString(), crypto.hash('sha1', 'a').slice(0, 8), crypto.pbkdf2Sync('a', 'b', 1, 4, 'sha1').toString('hex'));
zlib.gzip('b', (error, bytes) => zlib.gunzip(bytes, (error, text) => console.log(String(text))));
Readable.from(['c']).pipe(zlib.createGzip()).pipe(zlib.createGunzip()).on('data', (text) => console.log(String(text)));
const n = crypto.randomInt(5, 10);
console.log(n >= 5 && n < 10, os.homedir(), os.tmpdir(), os.cpus().length, os.userInfo().username, require('tty').isatty(1), require('cluster').isPrimary);
readline.createInterface({ input: Readable.from(['x\\ny\\n']) }).on('line', (line) => console.log('line', line));`);
    const key = pbkdf2Sync('a', 'b', 1, 4, 'sha1').toString('hex');
    expect(lines.slice(0, 2)).toEqual([`a 86f7e437 ${key}`, 'true /root /tmp 1 root false true']);
    expect(lines.slice(2).toSorted()).toEqual(['b', 'c', 'line x', 'line y']);
  });

  it('AbortSignal.timeout is of the simulated clock', async () => {
    const { lines } = await ran(`
const before = Date.now();
const signal = AbortSignal.timeout(20_000);
signal.addEventListener('abort', () => console.log(signal.reason.name, Date.now() - before >= 20_000, signal instanceof AbortSignal));
setTimeout(() => {}, 25_000);`);
    expect(lines).toEqual(['TimeoutError true true']);
  });
});

describe('process', () => {
  it('tells rejections from exceptions', async () => {
    const { lines, code } = await ran(`
process.on('unhandledRejection', (reason, promise) => console.log('rejected', reason.message, promise instanceof Promise));
process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', error.message, origin));
process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
Promise.reject(new Error('a'));
setTimeout(() => { throw new Error('b'); }, 1);`);
    expect(lines).toEqual(['rejected a true', 'monitor b uncaughtException', 'caught b uncaughtException']);
    expect(code).toBe(0);
  });

  it('has a title for others, warns on standard error, and aborts by a signal', async () => {
    const { lines, signal } = await ran(`
process.title = 'my daemon';
console.log(process.title, require('child_process').execSync('ps -o args= -p ' + process.pid, { encoding: 'utf8' }).trim());
process.on('warning', ({ name, code }) => { console.log(name, code); process.abort(); });
process.emitWarning('careful', { type: 'Odd', code: 'X1' });`);
    expect(lines[0]).toBe('my daemon my daemon');
    expect(lines[1]).toMatch(/^\(node:\d+\) \[X1\] Odd: careful$/);
    expect(lines[2]).toBe('Odd X1');
    expect(signal).toBe('SIGABRT');
  });
});
