// Real processes that record tokens in one folder at once, and that are killed while they do.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TOKENS_FOLDER } from '../../src/project/folder.ts';
import { TokenStore } from '../../src/project/token-store.ts';
import { builtPackage } from '../cli/build.ts';
import { project, run } from '../cli/run.ts';

const PACKAGE = await builtPackage();
/** Writes as many tokens as it is asked to; says when it has begun. */
const WRITER = `
  import { TokenStore } from ${JSON.stringify(join(PACKAGE, 'build/project/token-store.js'))};
  import { encodeToken } from ${JSON.stringify(join(PACKAGE, 'build/schedule/index.js'))};
  import { emptySchedule } from ${JSON.stringify(join(PACKAGE, 'build/run/index.js'))};
  const [, from, to] = process.argv.map(Number);
  const scenario = { id: 'fixture/tokens/idle', hash: '00000000' };
  const step = { kind: 'step', process: 'idle#1', operation: 'mkdir /state' };
  const log = { idle: [], leftOut: [], machine: [], actions: Array(500).fill(step) };
  const store = new TokenStore('.');
  process.stdout.write('begun');
  for (let number = from; number < to; number++) {
    const token = encodeToken(scenario, { ...emptySchedule(), schedule: [number + 1] });
    store.add([{ token, scenario: scenario.id, invariant: 'a rule', log, signature: null }]);
  }`;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-writers-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const write = (cwd: string, from: number, to: number) =>
  execa(process.execPath, ['--input-type=module', '-e', WRITER, `${from}`, `${to}`], { cwd, reject: false });

describe('real processes that record at once', () => {
  it('lose no token', async () => {
    const cwd = folder();
    const ended = await Promise.all([0, 1, 2, 3].map((writer) => write(cwd, writer * 20, writer * 20 + 25)));
    expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(Array(4).fill([0, '']));
    const { tokens, unreadable } = new TokenStore(cwd);
    expect([tokens.length, unreadable]).toEqual([85, []]);
  });

  it('leave no half of a file when they are killed', async () => {
    const cwd = folder();
    for (let round = 0; round < 5; round++) {
      const writer = write(cwd, round * 1_000, (round + 1) * 1_000);
      await new Promise((resolve) => writer.stdout!.once('data', resolve));
      const before = new TokenStore(cwd).tokens.length;
      // Somewhere in the midst of its writes, and each time elsewhere.
      while (new TokenStore(cwd).tokens.length < before + 1 + round) await new Promise(setImmediate);
      writer.kill('SIGKILL');
      expect((await writer).signal).toBe('SIGKILL');
      expect(new TokenStore(cwd).unreadable).toEqual([]);
    }
    const names = readdirSync(join(cwd, TOKENS_FOLDER)).filter((name) => name.endsWith('.json'));
    for (const name of names) JSON.parse(readFileSync(join(cwd, TOKENS_FOLDER, name), 'utf8'));
  });

  it('two checks in one folder keep both tokens', async () => {
    const cwd = project();
    const both = ['violates.mjs', 'rare.mjs'];
    await Promise.all(both.map((file) => run(cwd, ['check', file, '--seed', '1', '--runs', '2000'])));
    const { tokens, unreadable } = new TokenStore(cwd);
    expect(unreadable).toEqual([]);
    expect(tokens.map(({ scenario }) => scenario).toSorted()).toEqual([
      'fixture/broken/rare',
      'fixture/broken/violates',
    ]);
  });
});
