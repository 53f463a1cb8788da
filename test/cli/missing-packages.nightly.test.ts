import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shell, Tarball } from './packed.ts';

const MISSING = 'peers/proper-lockfile/stale-takeover';
const WHY = `${MISSING} cannot run here: they run proper-lockfile 4.1.2, and it is not installed: npm install --save-dev proper-lockfile@4.1.2`;
const ARGS = '--runs 20 --seed 1 --no-record';

/** A project in which the package is installed, and none of those that it can run. */
let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'one-survivor-missing-'));
  const tarball = await Tarball.pack();
  await tarball.install(cwd);
  tarball.remove();
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test('a scenario of a package that is not installed costs the others nothing', async () => {
  const words = `${MISSING} model/naive/cold-start ${MISSING}`;
  const { code, out } = await shell(cwd, `npx one-survivor check ${words} ${ARGS} --json`);
  const { scenarios, ok } = JSON.parse(out);
  expect(scenarios).toMatchObject([
    { id: 'model/naive/cold-start', verdict: 'violated', ok: true },
    { id: MISSING, expects: 'violation', verdict: 'inconclusive', ok: false, runs: 0, reason: WHY },
  ]);
  expect(scenarios).toHaveLength(2);
  expect(scenarios[1].error).toMatchObject({ message: WHY, file: null, line: null });
  expect({ code, ok }).toEqual({ code: 2, ok: false });
});

test('on the terminal, with all of a glob', async () => {
  const { code, out } = await shell(
    cwd,
    `npx one-survivor check 'peers/lockfile/*' model/naive/cold-start ${ARGS}`,
  );
  expect(out).toMatch(/^model\/naive\/cold-start +violation +✓ violated, as expected/m);
  expect(out).toMatch(/^peers\/lockfile\/\S+ +violation +! error/m);
  expect(out.replaceAll(/\s+/g, ' ')).toContain('npm install --save-dev lockfile@1.0.4');
  expect(code).toBe(2);
});

test.each(['check', 'explore'])('alone, it is a mistake of usage: %s', async (command) => {
  const { code, out, text } = await shell(cwd, `npx one-survivor ${command} ${MISSING}`);
  expect({ code, out, text }).toEqual({ code: 2, out: '', text: `error: ${WHY}` });
});

test('a wrong id next to it is one too', async () => {
  const { code, text } = await shell(cwd, `npx one-survivor check ${MISSING} model/naive/cold-strat`);
  expect(text).toContain('did you mean model/naive/cold-start');
  expect(code).toBe(2);
});
