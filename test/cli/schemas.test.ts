// The JSON schemas in schemas/ are generated, and what the reports write follows them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { programOf } from '../../src/cli/program.ts';
import { configSchema, documentSchemas } from '../../src/cli/schemas.ts';
import {
  byInvariantJson,
  checkerMutantsJson,
  checkJson,
  mutantsJson,
  replayJson,
} from '../../src/report/index.ts';
import { NAIVE, PASSED, reportWith, scenarioWith } from '../report/evidence.ts';

const FOLDER = join(import.meta.dirname, '../../schemas');
const ALL: Readonly<Record<string, object>> = { ...documentSchemas(), 'config.json': configSchema() };
const ajv = new Ajv2020({ allErrors: true });

function errorsOf(schema: object, document: unknown): unknown {
  const validate = ajv.compile(schema);
  validate(document);
  return validate.errors;
}

const strictly = (command: string, json: string): unknown =>
  errorsOf(documentSchemas({ strict: true })[`${command}.json`]!, JSON.parse(json));

describe('the files in schemas/', () => {
  it.each(Object.entries(ALL))('%s is as generated: npm run schemas', async (name, schema) => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(join(FOLDER, name));
  });

  it('are one for each command with --json, and one for the config', () => {
    // A command of a command, such as `tokens update`, has the document of its command.
    const commands = programOf(() => {}).commands.filter(({ options, commands }) =>
      [...options, ...commands.flatMap((each) => each.options)].some(({ long }) => long === '--json'),
    );
    const names = [...commands.map((command) => `${command.name()}.json`), 'config.json'].sort();
    expect(readdirSync(FOLDER).sort()).toEqual(names);
  });
});

describe('documents follow them, without other fields', () => {
  const error = { name: 'Error', message: 'x', file: '/a.mjs', line: 1 };
  const unsure = scenarioWith({ verdict: 'inconclusive', reason: 'x', evidence: [], violations: [], error });

  it.each([
    ['check', checkJson(reportWith({ scenarios: [scenarioWith(), PASSED, unsure], left: ['x/y/z'] }))],
    ['merge-reports', checkJson(reportWith({ shard: { index: 1, of: 2 } }))],
    [
      'list',
      byInvariantJson([
        { id: 'a/b/c', expects: 'pass', invariants: [{ kind: 'eventually', name: 'one survivor' }] },
      ]),
    ],
    ['replay', replayJson(NAIVE)],
    ['replay', replayJson({ ...NAIVE, at: 'a.mjs:1:2', critical: null, invariant: null, message: null })],
    [
      'mutants',
      mutantsJson({
        ...{ version: '1', seed: 1, runs: 1, left: [], interrupted: false },
        results: [
          { mutant: 'a', about: '', killed: false, by: null, runs: 3 },
          {
            ...{ mutant: 'b', about: '', killed: true, runs: 3 },
            by: { scenario: 'a/b/c', invariant: 'x', message: 'y', token: 'os1:…' },
          },
        ],
      }),
    ],
    [
      'mutants',
      checkerMutantsJson({
        ...{ version: '1', left: [], interrupted: false },
        results: [true, false].map((killed) => ({
          ...{ mutant: 'a', about: '', source: 'src/a.ts', killed },
          ...{ test: 'a > b', message: 'c', seconds: 0.5 },
        })),
      }),
    ],
  ])('%s', (command, json) => {
    expect(strictly(command, json)).toBeNull();
  });

  it('and another field is noticed', () => {
    const more = { ...JSON.parse(checkJson(reportWith())), more: 1 };
    expect(strictly('check', JSON.stringify(more))).toMatchObject([{ keyword: 'additionalProperties' }]);
    // Later versions may add fields, so the published schemas do not refuse them.
    expect(errorsOf(ALL['check.json']!, more)).toBeNull();
    expect(errorsOf(ALL['check.json']!, { ...more, seed: 'x' })).toMatchObject([{ instancePath: '/seed' }]);
  });
});

describe('the schema of the config', () => {
  it.each([
    [{ $schema: './x.json', scenarios: ['races/*.mjs'], seed: 1, reporters: ['junit=out.xml'] }, null],
    [{}, null],
    [{ scenario: [] }, [{ keyword: 'additionalProperties' }]],
    [{ runs: 0 }, [{ instancePath: '/runs' }]],
    [{ strategy: 'luck' }, [{ instancePath: '/strategy', keyword: 'enum' }]],
    [{ scenarios: [1] }, [{ instancePath: '/scenarios/0' }]],
  ])('%j', (config, errors) => {
    if (errors === null) expect(errorsOf(configSchema(), config)).toBeNull();
    else expect(errorsOf(configSchema(), config)).toMatchObject(errors);
  });

  it('is where a config finds it with $schema', () => {
    const { files, exports } = JSON.parse(readFileSync(join(FOLDER, '../package.json'), 'utf8'));
    expect(files).toContain('schemas');
    expect(exports['./schemas/*']).toBe('./schemas/*');
  });
});
