// Each exit code is explained in docs/troubleshooting.md, and a report of a bug asks for what is needed to repeat it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EXIT as OF_OWNERS } from '../../src/model/exit-codes.ts';
import { EXIT } from '../../src/report/exit-codes.ts';
import { BUILT_IN } from '../../src/run/failure.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');

test('there is a section for each exit code of the command line, and no other', () => {
  const sections = [...PAGE.matchAll(/^## Exit code (\d+)$/gm)].map(([, code]) => Number(code));
  expect(sections).toEqual(Object.values(EXIT));
});

test('there is a row for each exit code of an owner, and no other', () => {
  const rows = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(rows).toEqual(Object.values(OF_OWNERS));
});

test('each invariant that applies to every run is explained', () => {
  for (const name of Object.values(BUILT_IN)) expect(PAGE).toContain(`**"${name}"**`);
});

test('an issue must have the token, the output and the versions', () => {
  const form = parse(readFileSync(join(ROOT, '.github/ISSUE_TEMPLATE/bug.yml'), 'utf8'), { strict: true });
  const required = (form.body as { id?: string; validations?: { required: boolean } }[]).flatMap(
    ({ id, validations }) => (validations?.required ? id : []),
  );
  expect(required).toEqual(expect.arrayContaining(['token', 'output', 'versions']));
});
