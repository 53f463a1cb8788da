/** `node:child_process` of simulated processes: the same programs run here and under Node, and print the same. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { forgetUses, usesSoFar } from '../../src/guest/index.ts';
import { expectAlike, simulated } from './alike.ts';
import { writeFiles } from './files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'child-processes-')));
afterAll(() => rmSync(folder, { recursive: true }));

function filesIn(files: Readonly<Record<string, string>>): string {
  return path.join(writeFiles(folder, files), 'main.js');
}

const alike = (files: Readonly<Record<string, string>>): Promise<string[]> => expectAlike(filesIn(files));

const REPORT = `
const report = (child, name = 'child') => {
  for (const event of ['spawn', 'exit', 'close', 'disconnect'])
    child.on(event, (...args) => console.log(name, event, ...args));
  child.on('error', (error) => console.log(name, 'error', error.message, error.code, error.syscall, error.path, error.spawnargs));
};
const { spawn, exec, execFile, fork, spawnSync, execSync, execFileSync } = require('node:child_process');
`;

describe('spawn', () => {
  it('starts another file with node: arguments, environment, working directory, exit code, events', async () => {
    const lines = await alike({
      'main.js': `${REPORT}
const child = spawn(process.execPath, [__dirname + '/child.js', 'a', 'b c'], { stdio: 'inherit', env: { X: '1' }, cwd: '/tmp' });
report(child);
console.log(typeof child.pid, child.exitCode, child.killed, child.stdout, child.spawnargs.length);`,
      'child.js': `console.log(process.argv.slice(2), process.env.X, process.env.HOME, process.cwd());
process.exitCode = 3;`,
    });
    expect(lines.at(-1)).toBe('child close 3 null');
  });

  it('reports a command that does not exist', async () => {
    const lines = await alike({
      'main.js': `${REPORT}
const child = spawn('one-survivor-xyz', ['a'], { stdio: 'ignore' });
report(child);
console.log(child.pid);
try { spawn(''); } catch (error) { console.log(error.code, error.message); }
try { spawn(5); } catch (error) { console.log(error.code, error.message); }`,
    });
    expect(lines).toContain(
      "child error spawn one-survivor-xyz ENOENT ENOENT spawn one-survivor-xyz one-survivor-xyz [ 'a' ]",
    );
  });

  it('ends a child by a signal; a detached one, and one that is not referenced, outlive their parent', async () => {
    await alike({
      'main.js': `${REPORT}
const child = spawn(process.execPath, [__dirname + '/child.js'], { stdio: 'ignore' });
report(child);
child.on('spawn', () => console.log(child.kill('SIGKILL'), child.killed, child.kill(0)));
child.on('exit', () => console.log(child.signalCode, child.exitCode, child.kill()));
const other = spawn(process.execPath, [__dirname + '/child.js'], { stdio: 'ignore', detached: true });
other.unref();
setTimeout(() => process.kill(-other.pid, 'SIGKILL'), 50).unref();`,
      'child.js': `setTimeout(() => {}, 100);`,
    });
  });
});

describe('pipes', () => {
  it('carry output, errors and input; close comes after their ends', async () => {
    await alike({
      'main.js': `${REPORT}
const child = spawn(process.execPath, [__dirname + '/child.js']);
report(child);
child.stdout.setEncoding('utf8').on('data', (text) => console.log('out', JSON.stringify(text)));
child.stderr.on('data', (bytes) => console.log('err', bytes));
child.stdin.end('ärger');`,
      'child.js': `let all = '';
process.stdin.setEncoding('utf8').on('data', (text) => { all += text; });
process.stdin.on('end', () => {
  console.log(all.toUpperCase(), process.stdout.isTTY, process.stdin.fd);
  console.error('e');
  process.exitCode = 2;
});`,
    });
  });

  it('that are full let the writer wait until something is read', async () => {
    await alike({
      'main.js': `${REPORT}
const child = spawn(process.execPath, [__dirname + '/child.js'], { stdio: ['ignore', 'pipe', 'inherit'] });
let length = 0;
setTimeout(() => child.stdout.on('data', (bytes) => { length += bytes.length; }), 300);
child.on('close', (code) => console.log(code, length));`,
      'child.js': `process.stdout.write('x'.repeat(300000), () => process.exit(4));`,
    });
  });

  it('exec and execFile collect what is printed, with promises too', async () => {
    await alike({
      'main.js': `${REPORT}
const { promisify } = require('node:util');
(async () => {
  execFile(process.execPath, [__dirname + '/child.js', '3'], (error, stdout, stderr) => {
    console.log(error.message, error.code, error.killed, error.signal, stdout, stderr, error.cmd === [process.execPath, __dirname + '/child.js', '3'].join(' '));
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  console.log(await promisify(execFile)(process.execPath, [__dirname + '/child.js', '0']));
  console.log(await promisify(exec)('echo "a  b" $HOME; exit 0', { env: { HOME: '/h', PATH: process.env.PATH } }));
  const failed = await promisify(exec)('echo out; echo err >&2; exit 7', { encoding: 'buffer' }).catch((error) => error);
  console.log(failed.code, failed.message, failed.stdout, failed.stderr);
  const missing = await promisify(execFile)('one-survivor-xyz', ['a']).catch((error) => error);
  console.log(missing.message, missing.code, missing.stdout, missing.cmd);
  const slow = await promisify(exec)('sleep 5', { timeout: 100 }).catch((error) => error);
  console.log(slow.killed, slow.signal, slow.code);
  const controller = new AbortController();
  const aborted = promisify(execFile)('sleep', ['5'], { signal: controller.signal }).catch((error) => error);
  controller.abort();
  console.log((await aborted).name);
})();`,
      'child.js': `console.log('out', process.argv[2]); console.error('err'); process.exitCode = Number(process.argv[2]);`,
    });
  });

  it('fork: messages in both directions, disconnect', async () => {
    await alike({
      'main.js': `${REPORT}
const child = fork(__dirname + '/child.js', ['a'], { silent: true });
child.on('exit', (...args) => console.log('exit', ...args));
child.on('disconnect', () => console.log('disconnect', child.connected));
child.on('message', (message) => {
  console.log('got', message);
  if (message.ready) child.send({ n: 1, text: 'ü' });
  else child.disconnect();
});`,
      'child.js': `process.send({ ready: true, args: process.argv.slice(2), connected: process.connected });
process.on('message', (message) => process.send({ back: message }));
process.on('disconnect', () => { process.exitCode = 5; });`,
    });
  });
});

it('a call that waits for what others still write is not over when its time-out is taken back', async () => {
  await alike({
    'main.js': `${REPORT}
setTimeout(() => console.log('timer'), 10);
const { status, stdout } = spawnSync('sh', ['-c', 'sleep 0.3 & echo started'], { timeout: 20000 });
console.log('after', status, String(stdout));`,
  });
});

describe('the channel of a forked child', () => {
  it('keeps messages until the child listens', async () => {
    await alike({
      'main.js': `${REPORT}
const child = fork(__dirname + '/child.js');
child.send('a');
child.send('b');
child.on('exit', (code) => console.log('exit', code));`,
      'child.js': `let count = 0;
setTimeout(() => process.on('message', (message) => { console.log(message); if (++count === 2) process.exit(7); }), 100);`,
    });
  });

  it('delivers nothing after its process has ended', async () => {
    forgetUses();
    const { lines } = await simulated(
      filesIn({
        'main.js': `const child = require('node:child_process').fork(__dirname + '/child.js');
child.send(1);
child.send(2);`,
        'child.js': `const got = [];
process.on('message', (message) => {
  got.push(message);
  // Of what an ended process does, only this would be seen: the report lists it.
  if (message === 2) require('node:os').cpus();
  try { console.log(got); process.exit(); } catch {}
});`,
      }),
    );
    expect(lines).toEqual(['[ 1 ]']);
    expect(usesSoFar().approximated.join()).not.toContain('os.cpus');
  });

  it('that ends belongs to the streams that close waits for; one that the parent disconnects does not', async () => {
    await alike({
      'main.js': `${REPORT}
const child = fork(__dirname + '/child.js');
console.log(typeof child.send, typeof child.disconnect, typeof child.channel, child.connected);
for (const event of ['exit', 'close']) child.on(event, (...args) => console.log('ended', event, ...args));
child.on('close', () => {
  child.send(1, (error) => console.log(error.code));
  const other = fork(__dirname + '/child.js', ['waits']);
  for (const event of ['disconnect', 'exit', 'close']) other.on(event, (...args) => console.log('disconnected', event, ...args));
  other.on('message', () => { other.disconnect(); console.log(other.channel, other.connected); });
});
const plain = spawn('true');
console.log(typeof plain.send, typeof plain.disconnect, typeof plain.channel, plain.connected);
try { fork(5); } catch (error) { console.log(error.code, error.message); }`,
      'child.js': `if (process.argv[2] === 'waits') {
  process.on('disconnect', () => { process.exitCode = process.connected === false && process.channel === null ? 4 : 5; });
  process.send('ready');
}`,
    });
  });
});

it('a stream that is destroyed in the midst of a write reports no failure of it', async () => {
  await alike({
    'main.js': `${REPORT}
const child = spawn(process.execPath, [__dirname + '/child.js']);
child.stdin.on('error', (error) => console.log('error', error.code));
child.stdin.on('close', () => console.log('closed'));
child.stdin.write(Buffer.alloc(3e6), (error) => console.log('first', error?.code));
child.stdin.write('more', (error) => console.log('second', error?.code));
setTimeout(() => child.stdin.destroy(), 50);
child.on('exit', (...args) => console.log('exit', ...args));`,
    'child.js': `setTimeout(() => {}, 300);`,
  });
});

it('exit handlers run once, even if one of them exits', async () => {
  await alike({
    'main.js': `process.on('exit', (code) => { console.log('exit', code, process.exitCode); process.exit(3); });
setTimeout(() => {}, 1);`,
  });
});

describe('calls that wait', () => {
  it('execFileSync, execSync and spawnSync have the results of their child', async () => {
    await alike({
      'main.js': `${REPORT}
const fs = require('node:fs');
const file = fs.mkdtempSync('/tmp/calls-') + '/f';
console.log(JSON.stringify(execFileSync(process.execPath, [__dirname + '/child.js', file], { encoding: 'utf8' })), fs.readFileSync(file, 'utf8'));
console.log(JSON.stringify(execSync('echo a && false || echo b').toString()));
const result = spawnSync('sh', ['-c', 'cat; exit 3'], { input: 'in', encoding: 'utf8' });
console.log(result.status, result.signal, result.stdout, result.output);
try { execSync('echo x; echo y >&2; exit 9', { stdio: 'pipe' }); } catch (error) { console.log(error.status, error.message, String(error.stdout)); }
console.log(spawnSync('one-survivor-xyz').error.message, spawnSync('one-survivor-xyz').output);
const much = spawnSync('sh', ['-c', 'echo "too much"; sleep 5'], { maxBuffer: 3, encoding: 'utf8' });
console.log(much.status, much.signal, much.error.code, much.error.errno, much.stdout);
console.log(spawnSync('sleep', ['5'], { timeout: 50 }).signal, spawnSync('sleep', ['5'], { timeout: 50 }).error.code);
fs.rmSync(require('node:path').dirname(file), { recursive: true });`,
      'child.js': `require('node:fs').writeFileSync(process.argv[2], 'written'); console.log('printed');`,
    });
  });

  it('let others go on, and nothing of the process itself', async () => {
    const file = filesIn({
      'main.js': `const { execFileSync } = require('node:child_process');
setTimeout(() => console.log('timer'), 1);
console.log('before');
execFileSync(process.execPath, [__dirname + '/child.js'], { stdio: 'inherit' });
console.log('after');`,
      'child.js': `setTimeout(() => console.log('child'), 20);`,
    });
    const expected = ['before', 'child', 'after', 'timer'];
    expect((await simulated(file)).lines).toEqual(expected);
    expect((await simulated(file, {}, { preempt: Array<number>(200).fill(1) })).lines).toEqual(expected);
  });
});
