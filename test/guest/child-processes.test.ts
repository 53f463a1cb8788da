/** `node:child_process` of simulated processes: the same programs run here and under Node, and print the same. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type NodeProgramOptions, nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'child-processes-')));
afterAll(() => rmSync(folder, { recursive: true }));

function filesIn(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(folder, 'f-'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return path.join(root, 'main.js');
}

interface Ran {
  readonly lines: string[];
  readonly failure: unknown;
  readonly code: number | null;
}

/** What all processes of a run have printed. */
async function simulated(
  file: string,
  options: NodeProgramOptions = {},
  schedule: Parameters<typeof runOnce>[1] = {},
): Promise<Ran> {
  const { run, events, failure } = await runOnce(
    scenarioOf(
      { program: nodeProgram(file, options) },
      { crashes: 'allowed', faultsForMs: 60_000, settleMs: 1_000, machine: { busyMs: 0 } },
    ),
    schedule,
  );
  const lines = events.flatMap((event) => (event.op === 'log' ? String(event.args.text).split('\n') : []));
  const process = run.world.processes.find(({ name }) => name === 'program#1')!;
  return { lines, failure, code: process.exitCode };
}

function real(file: string): string[] {
  const output = execFileSync(process.execPath, [file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output.trimEnd().split('\n');
}

/** The same here and under Node. */
async function alike(files: Readonly<Record<string, string>>): Promise<string[]> {
  const file = filesIn(files);
  const { lines, failure } = await simulated(file);
  expect(failure).toBeNull();
  expect(lines).toEqual(real(file));
  return lines;
}

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
const child = spawn(process.execPath, [__dirname + '/child.js', 'a', 'b c'], { stdio: 'inherit', env: { X: '1' }});
report(child);
console.log(typeof child.pid, child.exitCode, child.killed, child.stdout, child.spawnargs.length);`,
      'child.js': `console.log(process.argv.slice(2), process.env.X, process.env.HOME);
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
