// `one-survivor simulate`: a command without a scenario file, its report, its token, and the file that it writes.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { documentSchemas } from '../../src/cli/schemas.ts';
import { json, project, run } from './run.ts';

const DAEMONS = join(import.meta.dirname, '../../fixtures/guests/daemons');

function folderWithDaemons(files: Record<string, string> = {}): string {
  const cwd = project(files);
  cpSync(DAEMONS, join(cwd, 'daemons'), { recursive: true });
  return cwd;
}

const BROKEN = ['--seed', '1', '--', 'node', 'daemons/sync-pid-file.cjs'];

describe('a daemon with a bug', () => {
  it('is violated: the report says how the owner is known, and replay shows the same run', async () => {
    const cwd = folderWithDaemons();
    const { code, out } = await run(cwd, ['simulate', ...BROKEN]);
    expect(out).toContain('is named in /root/.daemon/daemon.pid, as seen in runs with one start');
    expect(out).toContain('✗ exactly one process is left is violated');
    expect(out).toMatch(/in 2 processes, 0 faults, 2 switches, \d+ steps; first in round \d+/);
    expect(out).toContain('not judged whether files of ended processes are left');
    expect(code).toBe(1);
    const [, token] = /npx one-survivor replay (os1:\S+)/.exec(out)!;
    const again = await run(cwd, ['replay', token!]);
    expect(again.out).toContain('✗ not true at the end: exactly one process is left');
    expect(again.code).toBe(1);
    const elsewhere = await run(project(), ['replay', token!]);
    expect(elsewhere.err).toContain('Run simulate with the same command again, in this folder');
    expect(elsewhere.code).toBe(2);
  });

  it('--json follows its schema, and --write makes a scenario file with the same verdict', async () => {
    const cwd = folderWithDaemons();
    const { code, data } = await json(cwd, ['simulate', '--json', '--write', 'races/daemon.mjs', ...BROKEN]);
    expect(code).toBe(1);
    expect(data).toMatchObject({ verdict: 'violated', starts: 3, expect: 1, survivors: { max: 2 }, seed: 1 });
    expect(data.violations).toMatchObject([
      { invariant: 'exactly one process is left', token: expect.any(String) },
    ]);
    const schema = documentSchemas({ strict: true })['simulate.json']!;
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    validate(data);
    expect(validate.errors).toBeNull();
    const text = readFileSync(join(cwd, 'races/daemon.mjs'), 'utf8');
    expect(text).toContain("file: new URL('../daemons/sync-pid-file.cjs', import.meta.url),");
    const checked = await json(cwd, ['check', 'races/daemon.mjs', '--seed', '1', '--runs', '300', '--json']);
    expect(checked.data.scenarios).toMatchObject([
      { verdict: 'violated', id: data.scenario, violations: [{ invariant: 'exactly one process is left' }] },
    ]);
    expect((await run(cwd, ['simulate', '--write', 'races/daemon.mjs', ...BROKEN])).err).toContain('exists');
  });
});

describe('a daemon with an HTTP health endpoint', () => {
  it('--owner url: names the port, and the file that --write makes has the options', async () => {
    const cwd = folderWithDaemons();
    const command = ['--seed', '1', '--owner', 'url:http://127.0.0.1:7430/health', '--faults', 'none'];
    const { code, data } = await json(cwd, [
      ...['simulate', '--json', '--write', 'races/health.mjs', ...command],
      ...['--', 'node', 'daemons/http-health.mjs'],
    ]);
    expect(code).toBe(1);
    expect(data.owner).toEqual({
      known: 'listens on TCP port 7430, the port of http://127.0.0.1:7430/health',
      from: 'as --owner says',
    });
    expect(data.violations).toMatchObject([{ token: expect.any(String) }]);
    const text = readFileSync(join(cwd, 'races/health.mjs'), 'utf8');
    expect(text).toContain('--faults none --owner url:http://127.0.0.1:7430/health -- node daemons/http');
    const again = await run(cwd, ['replay', data.violations[0].token]);
    expect(again.out).toContain('http-health.mjs:');
    expect(again.code).toBe(1);
  });
});

describe('what the report says of the simulation', () => {
  it('is which approximated calls were used, and which refusals were caught', async () => {
    const cwd = project({
      'package.json': '{}',
      'uses.js': `const fs = require('fs');
fs.readFileSync(__dirname + '/package.json');
if (require('os').cpus().length < 9 && process.memoryUsage().rss > 0) require('net').createServer().listen(7777);
try { new (require('worker_threads').Worker)('./x.js'); } catch {}`,
      'plain.js': "require('net').createServer().listen(7777);",
    });
    const args = ['simulate', '--json', '--runs', '5', '--starts', '1', '--faults', 'none'];
    const { data } = await json(cwd, [...args, '--', 'node', 'uses.js']);
    expect(data.approximated).toEqual([
      'files of the package: read from the disk, as they were when they were first read',
      'os.cpus: one processor',
      'process.memoryUsage: never changes',
    ]);
    expect(data.refused).toEqual([
      expect.stringMatching(/^worker_threads\.Worker \(used at .*uses\.js:4:\d+\)$/),
    ]);
    const plain = await json(cwd, [...args, '--', 'node', 'plain.js']);
    expect(plain.data).toMatchObject({ approximated: [], refused: [] });
  });
});

describe('other commands', () => {
  it('a fixed daemon passes', async () => {
    const { code, data } = await json(folderWithDaemons(), [
      ...['simulate', '--json', '--runs', '60', '--seed', '1', '--owner', 'pid-file:/root/.daemon/1'],
      ...['--faults', 'none', '--', 'node', 'daemons/sync-pid-file.fixed.cjs'],
    ]);
    expect(data).toMatchObject({
      verdict: 'passed',
      rounds: 60,
      survivors: { min: 1, max: 1 },
      violations: [],
    });
    expect(data.owner).toEqual({ known: 'is named in /root/.daemon/1', from: 'as --owner says' });
    expect(code).toBe(0);
  });

  it('what leaves no process, or asks for what there is not, is not judged', async () => {
    const cwd = project({
      'ends.js': `console.log('usage: ends');`,
      'native.js': `new (require('worker_threads').Worker)('./other.js');`,
    });
    const ends = await run(cwd, ['simulate', '--', 'node', 'ends.js']);
    expect(ends.out).toContain('a run with one start left no process, so there is no daemon to judge');
    expect(ends.out).toContain('printed: usage: ends');
    expect(ends.code).toBe(3);
    const native = await run(cwd, ['simulate', '--', 'node', 'native.js']);
    expect(native.out).toContain('refused: ');
    expect(native.code).toBe(2);
  });

  it('has files at the start, and so has what --write makes', async () => {
    const text = `const fs = require('fs');
if (!fs.existsSync('/root/.app/config.json')) process.exit(1);
const { lock } = JSON.parse(fs.readFileSync('/root/.app/config.json', 'utf8'));
fs.closeSync(fs.openSync(lock, 'wx'));
setInterval(() => {}, 1000);`;
    const cwd = project({ 'daemon.js': text, 'config.json': '{ "lock": "/tmp/app.lock" }' });
    const file = '/root/.app/config.json=config.json';
    const options = ['--faults', 'none', '--runs', '30', '--seed', '1'];
    const words = ['--file', file, '--write', 'races/app.mjs', '--json', '--', 'node', 'daemon.js'];
    const { data } = await json(cwd, ['simulate', ...options, ...words]);
    expect(data).toMatchObject({ verdict: 'passed', survivors: { min: 1, max: 1 } });
    expect(readFileSync(join(cwd, 'races/app.mjs'), 'utf8')).toContain(`--file ${file}`);
    const checked = await json(cwd, ['check', 'races/app.mjs', '--seed', '1', '--runs', '30', '--json']);
    expect(checked.data.scenarios).toMatchObject([{ verdict: 'passed', id: data.scenario }]);
    const without = await run(cwd, ['simulate', ...options, '--', 'node', 'daemon.js']);
    expect(without.out).toContain('left no process');
  });

  it.each([
    [['--file', 'x=y', '--', 'node', 'passes.mjs'], '--file got "x=y"; accepted: PATH=FILE'],
    [['--file', '/x=nothing', '--', 'node', 'passes.mjs'], '--file: nothing cannot be read'],
    [['--', 'python3', 'daemon.py'], 'simulate runs programs of Node: "python3" is neither a file nor'],
    [['--', 'node', 'nothing.js'], 'there is no file nothing.js'],
    [['--', 'node', '--inspect', 'x.js'], 'takes no options of node: got --inspect'],
    [
      ['--owner', 'port:1', '--', 'node', 'passes.mjs'],
      '--owner got "port:1"; accepted: tcp:PORT, unix:PATH',
    ],
    [['--faults', 'kil', '--', 'node', 'passes.mjs'], '--faults got "kil"; accepted: none, or some of kill'],
    [['--state-dir', 'x', '--', 'node', 'passes.mjs'], '--state-dir got "x"; accepted: an absolute path'],
    [['--settle', '5', '--', 'node', 'passes.mjs'], '--settle got "5"; accepted: a time above zero'],
  ])('%s is refused', async (args, message) => {
    const { code, err } = await run(project(), ['simulate', ...args]);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
