/** A file of JavaScript, unmodified, as a program of a scenario. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { type NodeProgramOptions, nodeProgram } from '../../src/guest/index.ts';
import type { ScenarioOptions } from '../../src/scenario/index.ts';
import { always } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { writeFiles } from './files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'node-program-')));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes files into a folder of their own. */
function filesIn(files: Readonly<Record<string, string>>): string {
  return writeFiles(folder, files);
}

/** Runs a file once, without faults: what it printed, and how it ended. */
async function ran(
  file: string | URL,
  options: NodeProgramOptions = {},
  argv: readonly string[] = [],
  more: Partial<ScenarioOptions> = {},
  schedule: Parameters<typeof runOnce>[1] = {},
) {
  const { run, events, failure } = await runOnce(
    scenarioOf(
      { program: nodeProgram(file, options) },
      { start: [{ program: 'program', argv }], crashes: 'allowed', faultsForMs: 5_000, ...more },
    ),
    schedule,
  );
  const printed = (stream: string) =>
    events
      .flatMap((event) =>
        event.op === 'log' && event.args.stream === stream ? [String(event.args.text)] : [],
      )
      .join('\n');
  const process = run.world.processes.find(({ name }) => name === 'program#1')!;
  return {
    failure,
    code: process.exitCode,
    stdout: printed('stdout'),
    stderr: printed('stderr'),
    files: run.world.files(),
  };
}

it('prints nothing after its end, although it catches what ends it', async () => {
  const root = filesIn({
    'cli.js': `const main = async () => { console.log('before'); process.exit(3); };
main().catch((error) => { console.error('after', String(error)); });`,
  });
  expect(await ran(path.join(root, 'cli.js'))).toMatchObject({ code: 3, stdout: 'before', stderr: '' });
});

describe('the main module', () => {
  it('has its arguments, and is the main module for itself and what it requires', async () => {
    const root = filesIn({
      'cli.js': `#!/usr/bin/env node
console.log(JSON.stringify([process.argv, require.main === module, process.mainModule === module, module.id, __filename]));
console.log(JSON.stringify(require('./lib')), require.cache[__filename] === module, module.children.length);`,
      'lib/index.js': `module.exports = [require.main === module, require.main.filename, module.parent.id, process.argv0];`,
    });
    const file = path.join(root, 'cli.js');
    const { stdout, code, failure } = await ran(file, { args: ['start', '--port=1'] }, ['from', 'scenario']);
    expect(failure).toBeNull();
    const [first, second] = stdout.split('\n');
    const argv = ['/usr/bin/node', file, 'start', '--port=1', 'from', 'scenario'];
    expect(JSON.parse(first!)).toEqual([argv, true, true, '.', file]);
    expect(second).toBe(`${JSON.stringify([false, file, '.', 'node'])} true 1`);
    expect(code).toBe(0);
  });

  it('is found by path, relative path, URL and symbolic link, with its real path', async () => {
    const root = filesIn({ 'bin/real': '#!/usr/bin/node\nconsole.log(__filename)' });
    const real = path.join(root, 'bin/real');
    chmodSync(real, 0o755);
    symlinkSync(real, path.join(root, 'link'));
    const names = [real, path.relative(process.cwd(), real), pathToFileURL(real), pathToFileURL(real).href];
    for (const name of [...names, path.join(root, 'link')])
      expect((await ran(name)).stdout, String(name)).toBe(real);
  });

  it('has a small environment of its own, with what the program and the start add', async () => {
    process.env.ONLY_ON_THE_REAL_MACHINE = '1';
    const root = filesIn({
      'env.js': `process.env.NUMBER = 5;
process.env.NOTHING = undefined;
delete process.env.LANG;
console.log(JSON.stringify(process.env), 'HOME' in process.env, process.env.MISSING);`,
    });
    const { stdout } = await ran(path.join(root, 'env.js'), {
      env: { A: 'program', B: 'program', PATH: '/bin' },
    });
    delete process.env.ONLY_ON_THE_REAL_MACHINE;
    const env = { HOME: '/root', PATH: '/bin', TZ: 'UTC', USER: 'root', A: 'program', B: 'program' };
    expect(stdout).toBe(`${JSON.stringify({ ...env, NUMBER: '5', NOTHING: 'undefined' })} true undefined`);
  });

  it('runs in its working directory', async () => {
    const root = filesIn({
      'cwd.js': `require('fs').writeFileSync('here', require('path').resolve('x')); console.log(process.cwd());`,
    });
    const { stdout, files } = await ran(path.join(root, 'cwd.js'), { cwd: '/srv/app' });
    expect(stdout).toBe('/srv/app');
    expect(files['/srv/app/here']).toBe('/srv/app/x');
  });

  it('lives until its event loop is empty, with process.exitCode', async () => {
    const root = filesIn({
      'loop.js': `process.on('exit', (code) => console.log('exit', code));
setTimeout(() => { console.log('timer'); process.exitCode = 7; }, 50);
console.log('main');`,
    });
    const { stdout, code } = await ran(path.join(root, 'loop.js'));
    expect([stdout, code]).toEqual(['main\ntimer\nexit 7', 7]);
  });

  it('is preempted: its synchronous calls are scheduling points, and nothing is printed twice', async () => {
    const root = filesIn({
      'sync.js': `const fs = require('fs');
console.log('once');
fs.mkdirSync('/data');
console.log(fs.existsSync('/data'), process.argv.length);`,
    });
    const preempt = Array<number>(50).fill(1);
    const { stdout, code } = await ran(path.join(root, 'sync.js'), {}, ['one'], {}, { preempt });
    expect([stdout, code]).toEqual(['once\ntrue 3', 0]);
  });
});

describe('an uncaught exception', () => {
  const thrown = {
    'error.js': `function later() {
  process.on('exit', (code) => process.stdout.write('exit ' + code));
  throw Object.assign(new RangeError('too far'), { code: 'FAR' });
}
  later();`,
    'value.js': `throw 5`,
    'timer.js': `setTimeout(() => { null.x }, 1)`,
    'required.js': `require('./error.js')`,
  };

  it('ends the process with code 1, and is printed as Node prints it', async () => {
    const root = filesIn(thrown);
    for (const name of ['error.js', 'timer.js', 'required.js']) {
      const file = path.join(root, name);
      const real = spawnSync(process.execPath, [file], { encoding: 'utf8' });
      const seen = await ran(file);
      expect([seen.code, seen.stdout], name).toEqual([real.status, real.stdout]);
      expect(theirs(seen.stderr, root), name).toBe(theirs(real.stderr, root));
    }
    const { stderr, code } = await ran(path.join(root, 'value.js'));
    expect([stderr, code]).toEqual(['Uncaught:\n5\n\nNode.js v20.19.0', 1]);
  });

  it('is a crash of the process, unless the program handles it', async () => {
    const root = filesIn({
      ...thrown,
      'handled.js': `process.on('uncaughtException', (error) => console.log(error.message)); throw new Error('seen');`,
    });
    const strict = { crashes: 'forbidden' as const };
    const crashed = await ran(path.join(root, 'error.js'), {}, [], strict);
    expect(crashed.failure?.message).toMatch(/too far/);
    const handled = await ran(path.join(root, 'handled.js'), {}, [], strict);
    expect(handled).toMatchObject({ failure: null, stdout: 'seen', code: 0 });
  });

  /** What is printed, without versions and frames of Node. */
  function theirs(text: string, root: string): string {
    return text
      .replace(/Node\.js v.*/, 'Node.js')
      .split('\n')
      .filter((line) => (line.trim() !== '^' && !/^ +at /.test(line)) || line.includes(root))
      .map((line) => line.replace(/ \{$/, '').replace(/at .*?(\/.*:\d+)\)?$/, 'at $1'))
      .join('\n')
      .trim();
  }
});

describe('the package of a program', () => {
  const PACKAGE = {
    'package.json': '{"name":"tool","version":"1.2.3"}',
    'daemon.pid': 'left behind by a real run',
    'templates/a.txt': 'template ü',
    'templates/b/c.txt': 'c',
    'node_modules/dep/data.json': '[1]',
    'bin/tool.js': `const fs = require('fs'), path = require('path');
const root = path.join(__dirname, '..'), at = (...parts) => path.join(root, ...parts);
const list = () => fs.readdirSync(at('templates')).sort().join();
console.log(JSON.parse(fs.readFileSync(at('package.json'), 'utf8')).version, list());
console.log(fs.readFileSync(at('templates/a.txt'), 'utf8'), fs.statSync(at('templates/a.txt')).size, fs.existsSync(at('nothing')));
console.log(fs.readFileSync(at('node_modules/dep/data.json'), 'utf8'), fs.realpathSync(__filename) === __filename, fs.lstatSync(__dirname).isDirectory());
fs.writeFileSync(at('templates/own.txt'), 'own'); fs.writeFileSync(at('templates/a.txt'), 'changed');
console.log(list(), fs.readFileSync(at('templates/a.txt'), 'utf8'));
const fd = fs.openSync(at('package.json'), 'r'); const buffer = Buffer.alloc(4); fs.readSync(fd, buffer, 0, 4, 2); fs.closeSync(fd);
console.log(buffer.toString(), fs.existsSync(at('daemon.pid')));
(async () => {
  console.log((await fs.promises.readFile(at('templates/b/c.txt'), 'utf8')), (await fs.promises.readdir(at('templates'))).sort().join());
  await fs.promises.readFile(at('nothing')).catch((error) => console.log(error.code));
  for await (const chunk of fs.createReadStream(at('package.json'), 'utf8')) console.log(chunk.length);
})();`,
  };

  it('can be read as on the real disk; what is written stays on the simulated machine', async () => {
    const root = filesIn(PACKAGE);
    const file = path.join(root, 'bin/tool.js');
    const seen = await ran(file);
    expect(readFileSync(path.join(root, 'templates/a.txt'), 'utf8')).toBe(PACKAGE['templates/a.txt']);
    expect(existsSync(path.join(root, 'templates/own.txt'))).toBe(false);
    rmSync(path.join(root, 'daemon.pid'));
    const real = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    expect(seen).toMatchObject({ failure: null, code: 0, stdout: real.trimEnd(), stderr: '' });
  });

  it('is the same when it is run again from its start', async () => {
    const file = path.join(filesIn(PACKAGE), 'bin/tool.js');
    const { stdout } = await ran(file);
    const preempted = await ran(file, {}, [], {}, { preempt: Array<number>(200).fill(1) });
    expect(preempted).toMatchObject({ failure: null, code: 0, stdout });
  });

  it('ends at its package.json', async () => {
    const root = filesIn({
      'outside.txt': 'outside',
      'tool/package.json': '{}',
      'tool/main.js': `console.log(require('fs').existsSync(__dirname + '/../outside.txt'), require('fs').existsSync('/etc/passwd'))`,
    });
    expect((await ran(path.join(root, 'tool/main.js'))).stdout).toBe('false false');
  });
});

describe('nodeProgram refuses', () => {
  const root = filesIn({ 'a.js': '', 'addon.node': '', 'esm.mjs': 'export {};' });

  it.each([
    [
      path.join(root, 'missing.js'),
      /missing\.js does not exist: expected the file that "node" is started with/,
    ],
    [root, /is a folder: name the file in it/],
    [path.join(root, 'addon.node'), /addon\.node is native code/],
    ['https://example.com/a.js', /got a URL with https:/],
    [5 as never, /file: got number: expected a path, or a URL such as/],
  ])('%s', (file, message) => {
    expect(() => nodeProgram(file)).toThrow(message);
  });

  it.each<[object, RegExp]>([
    [{ arguments: [] }, /got the option "arguments": expected args, env, cwd/],
    [{ args: 'start' }, /args: expected a list of strings/],
    [{ env: { PORT: 1 } }, /env: expected an object with a string for each variable/],
    [{ cwd: 'here' }, /cwd: got "here": expected an absolute path/],
  ])('%j', (options, message) => {
    expect(() => nodeProgram(path.join(root, 'a.js'), options as NodeProgramOptions)).toThrow(message);
  });
});

describe('a daemon as people write it', () => {
  const DAEMON = `const fs = require('fs');
const pidFile = '/run/daemon.pid';
if (fs.existsSync(pidFile)) process.exit(0);
fs.writeFileSync(pidFile, String(process.pid));
setTimeout(() => {}, 200);`;

  it('shows its race', async () => {
    const file = path.join(filesIn({ 'daemon.js': DAEMON }), 'daemon.js');
    const oneDaemon = always('one daemon', (world) => {
      const alive = world.processes.filter((process) => process.alive && process.name.startsWith('daemon'));
      return alive.length > 1 && world.nowMs > 50 ? 'two daemons' : null;
    });
    const scenario = scenarioOf(
      { daemon: nodeProgram(file) },
      {
        start: [{ program: 'daemon', count: 3 }],
        invariants: [oneDaemon],
      },
    );
    const { found } = await search(scenario, { seed: 1, runs: 300 });
    expect(found?.failure.invariant).toBe('one daemon');
  });
});

it('runs as under Node: the same file, really', async () => {
  const root = filesIn({
    'whole.js': `#!/usr/bin/env node
const { join } = require('node:path');
const lib = require('./lib.json');
console.log(join('a', lib.b), require.resolve('./lib.json') === join(__dirname, 'lib.json'), typeof exports, this === exports);
console.log(require('module').createRequire(__filename)('./lib').b, require.resolve('fs'), require.resolve('node:fs'));
setImmediate(() => console.log('immediate'));
process.nextTick(() => console.log('tick'));
Promise.resolve().then(() => console.log('micro'));`,
    'lib.json': '{"b":"c"}',
  });
  const file = path.join(root, 'whole.js');
  const real = execFileSync(process.execPath, [file], { encoding: 'utf8' });
  expect((await ran(file)).stdout).toBe(real.trimEnd());
});
