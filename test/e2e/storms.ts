// What the tests of `storm` share: daemons as real processes, in Node, sh and Python, of which three are broken.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished } from 'vitest';
import { documentSchemas } from '../../src/cli/schemas.ts';
import { json, project } from '../cli/run.ts';

export const FIXTURES = join(import.meta.dirname, '../../fixtures/storm');
const schema = new Ajv2020({ allErrors: true }).compile(documentSchemas({ strict: true })['storm.json']!);

export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A folder of its own for what a storm leaves, until the test is over, so that others beside it do not count. */
export function ownFolder(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'os-t-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { TMPDIR: folder };
}

export type Broken = readonly [program: string, file: string, invariant: string, options: readonly string[]];
export type Sound = readonly [program: string, file: string, owner: string];

export async function expectViolated([program, file, invariant, options]: Broken): Promise<void> {
  const temporary = ownFolder();
  const rounds = ['--rounds', '2', ...options, '--seed', '3', '--settle', '12s'];
  const args = ['storm', '--json', ...rounds, '--', program, join(FIXTURES, file)];
  const { code, data } = await json(project(), args, temporary);
  expect(schema(data), JSON.stringify(schema.errors)).toBe(true);
  expect(data.violations.map((each: { invariant: string }) => each.invariant)).toContain(invariant);
  expect(data).toMatchObject({ by: 'storm', verdict: 'violated' });
  expect(data.storm.worst.timeline.some((line: string) => line.includes('✗'))).toBe(true);
  expect(code).toBe(1);
  expect(readdirSync(temporary.TMPDIR!)).toEqual([]);
}

export async function expectPassed([program, file, owner]: Sound): Promise<void> {
  const temporary = ownFolder();
  // The file of flock is its own interpreter's.
  const command = program === 'flock' ? [join(FIXTURES, file)] : [program, join(FIXTURES, file)];
  const args = ['storm', '--json', '--rounds', '2', '--seed', '3', '--', ...command];
  const { code, data } = await json(project(), args, temporary);
  expect(data.violations).toEqual([]);
  expect(data).toMatchObject({ verdict: 'passed', reason: null, owner: { known: owner }, expect: 1 });
  expect(data).toMatchObject({ faults: { kill: 2, stop: 2 }, survivors: { min: 1, max: 1 } });
  expect(code).toBe(0);
  expect(readdirSync(temporary.TMPDIR!)).toEqual([]);
}
