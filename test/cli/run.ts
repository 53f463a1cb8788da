import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { execa, type Options } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { builtPackage } from './build.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGE = await builtPackage();
const MAIN = join(PACKAGE, 'dist/cli/main.js');

/** Nothing of the machine that runs the tests. */
export const ENVIRONMENT = {
  PATH: process.env.PATH,
  NO_COLOR: '1',
  // Threads and Node's own cache of compiled code.
  TMPDIR: tmpdir(),
};

/** A folder like a user's project: the fixtures, and one-survivor among its modules. */
export function project(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(ROOT, 'fixtures/cli'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PACKAGE, join(folder, 'node_modules/one-survivor'), 'dir');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface Ended {
  code: number | undefined;
  out: string;
  err: string;
}

/** Runs the command to its end. */
export async function run(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const { exitCode, stdout, stderr } = await start(cwd, args, env);
  return { code: exitCode, out: String(stdout), err: String(stderr) };
}

export function start(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  options: Options = {},
) {
  return execa(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    extendEnv: false,
    reject: false,
    ...options,
  });
}

/** Does something once a stream has said this, in however many pieces: a second Ctrl-C would end the command without a report. */
export function onceSaid(stream: Readable, pattern: RegExp, act: () => void): void {
  let text = '';
  stream.on('data', function hear(chunk) {
    text += chunk;
    if (!pattern.test(text)) return;
    stream.off('data', hear);
    act();
  });
}

/** The one document on stdout. */
export async function json(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | undefined; data: Json }> {
  const { code, out, err } = await run(cwd, [...args, '--json'], env);
  if (out === '') throw new Error(`nothing on stdout; exit code ${code}; stderr: ${err}`);
  return { code, data: JSON.parse(out) };
}

// biome-ignore lint/suspicious/noExplicitAny: a document of the command, looked into by tests.
export type Json = any;

/** Without what differs from run to run on any machine. */
export function timeless(report: Json): Json {
  return { ...report, scenarios: report.scenarios.map(({ seconds: _, ...rest }: Json) => rest) };
}

/** The error of a command. There must be one clear complaint: exit code 2, nothing on stdout, no stack trace. */
export async function complaint(args: readonly string[], cwd = project()): Promise<string> {
  const { code, out, err } = await run(cwd, args);
  expect(code, `${out}${err}`).toBe(2);
  expect(err).not.toMatch(/^\s+at /m);
  expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  return err;
}
