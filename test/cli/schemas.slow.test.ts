// Real outputs of each command follow its JSON schema, without other fields.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { documentSchemas } from '../../src/cli/schemas.ts';
import { json, project } from './run.ts';

const ajv = new Ajv2020({ allErrors: true });
const SEARCH = ['--seed', '1', '--runs', '50', '--no-record'];

async function follows(cwd: string, command: string, ...args: string[]): Promise<void> {
  const { data } = await json(cwd, [command, ...args]);
  const validate = ajv.compile(documentSchemas({ strict: true })[`${command}.json`]!);
  validate(data);
  expect(validate.errors, `${command} ${args.join(' ')}`).toBeNull();
}

test('tokens update and tokens prune', async () => {
  const cwd = project({ '.one-survivor/tokens/0.json': '{' });
  await json(cwd, ['check', 'violates.mjs', '--seed', '1', '--runs', '50']);
  await follows(cwd, 'tokens', 'update', 'violates.mjs');
  await follows(cwd, 'tokens', 'prune', 'passes.mjs');
});

test('check, merge-reports and replay', async () => {
  const cwd = project();
  const files = [
    'violates.mjs',
    'passes.mjs',
    'unreached.mjs',
    'nondeterministic.mjs',
    'throws.mjs',
    'exits.mjs',
  ];
  await follows(cwd, 'check', ...files, 'model/naive/cold-start', ...SEARCH);
  await json(cwd, ['check', 'violates.mjs', ...SEARCH, '--reporter', 'blob=reports/a.json']);
  await follows(cwd, 'merge-reports', 'reports');
  const { data } = await json(cwd, ['check', 'violates.mjs', ...SEARCH]);
  await follows(cwd, 'replay', data.scenarios[0].violations[0].token, '--from', 'violates.mjs');
});

test('explore, list, init, race', async () => {
  const cwd = project();
  await follows(cwd, 'explore', 'model/generations/collected', '--budget', '5s');
  await follows(cwd, 'explore', 'passes.mjs', '--budget', '5s');
  await follows(cwd, 'list', '--builtin');
  await follows(cwd, 'init', '--dry-run');
  await follows(cwd, 'race', '--starts', '3');
});

test('mutants', async () => {
  await follows(project(), 'mutants', 'identity/a-zombie-is-gone', '--seed', '1');
});
