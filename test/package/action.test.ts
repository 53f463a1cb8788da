// The command line that the GitHub Action makes of its inputs: its script runs, and npx prints what it got.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DOCUMENTS } from '../../src/report/reporters.ts';
import { act } from './action.ts';

/** The arguments of `check`. */
async function argumentsFor(inputs: Readonly<Record<string, string>>): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'one-survivor-action-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'bin/npx'), '#!/bin/sh\nfor each in "$@"; do echo "$each"; done\n');
  chmodSync(join(cwd, 'bin/npx'), 0o755);
  const { code, text } = await act(cwd, inputs, { PATH: `${join(cwd, 'bin')}:${process.env.PATH}` });
  expect(code, text).toBe(0);
  const [option, command, check, ...rest] = text!.split('\n');
  expect([option, command, check]).toEqual(['--no-install', 'one-survivor', 'check']);
  return rest;
}

/** Those of `--reporter`. */
async function reportersFor(reporters: string, more: Readonly<Record<string, string>> = {}) {
  const all = await argumentsFor({ reporters, ...more });
  return all.filter((_, i) => all[i - 1] === '--reporter');
}

test('scenarios of several lines, none of them an option', async () => {
  const scenarios = 'races/a.mjs  b/*/c\n--no-record\n\tlast\n';
  const all = await argumentsFor({ scenarios });
  expect(all.slice(all.indexOf('--') + 1)).toEqual(['races/a.mjs', 'b/*/c', '--no-record', 'last']);
  expect((await argumentsFor({})).at(-1)).toBe('--');
});

test('reporters of several lines; each document has a file of its own', async () => {
  const reporters = await reportersFor(`default\n${DOCUMENTS.join('\n')}\ngithub\njunit=own.xml\n`);
  expect(reporters).toEqual([
    'default',
    'json=one-survivor-report/report.json',
    'junit=one-survivor-report/junit.xml',
    'sarif=one-survivor-report/report.sarif',
    'ctrf=one-survivor-report/ctrf.json',
    'html=one-survivor-report/report.html',
    'blob=one-survivor-report/shard-1.json',
    'github',
    'junit=own.xml',
  ]);
  expect(await reportersFor('', { shard: '3/4', seed: '1' })).toEqual([
    'blob=one-survivor-report/shard-3.json',
  ]);
  expect(await reportersFor('')).toEqual(['default', 'junit=one-survivor-report/junit.xml']);
});
