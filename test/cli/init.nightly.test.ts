import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { shell, Tarball } from './packed.ts';

const TSC = resolve(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
const NODE_TYPES = resolve(import.meta.dirname, '../../node_modules/@types');
const STRICT = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'NodeNext', target: 'ES2022' },
  ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, verbatimModuleSyntax: true },
  ...{ noImplicitReturns: true, noUnusedLocals: true, noUnusedParameters: true, isolatedModules: true },
};
const LOCK = 'races/lock.mjs';
const JOB = '.github/workflows/one-survivor.yml';
const ALL = [
  ...[LOCK, 'races/lock.test.mjs', 'one-survivor.config.mjs', JOB],
  ...['.one-survivor/.gitignore', 'package.json'],
];

// Two cores that have other things to do take their time to start a process.
vi.setConfig({ testTimeout: 240_000 });

let tarball: Tarball;
beforeAll(async () => {
  tarball = await Tarball.pack();
}, 120_000);
afterAll(() => tarball.remove());

async function emptyProject(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await tarball.install(folder);
  return folder;
}

async function initialised(): Promise<string> {
  const cwd = await emptyProject();
  expect(await shell(cwd, 'npx one-survivor init')).toMatchObject({ code: 0 });
  return cwd;
}

/** The claim that is complete when it can be seen becomes one that is created first and written then. */
function withoutGuard(lock: string): string {
  const text = lock.replace(
    /await fs\.link\(draft, (.*)\);/,
    "await fs.writeFile($1, claim, { flag: 'wx' });",
  );
  expect(text).not.toBe(lock);
  return text;
}

describe('one-survivor init, in an empty folder, from the packed tarball', () => {
  it('writes a scenario, its test, a config, a CI job and a package.json, and lists them', async () => {
    const cwd = await emptyProject();
    const dry = await shell(cwd, 'npx one-survivor init --dry-run');
    expect(readdirSync(cwd)).toEqual(['node_modules']);
    const { code, out } = await shell(cwd, 'npx one-survivor init');
    expect(code).toBe(0);
    expect(dry.out.replaceAll('would write', 'wrote')).toBe(out);
    for (const path of ALL) {
      expect(out).toMatch(new RegExp(`^wrote +${path.replaceAll('.', '\\.')} `, 'm'));
      expect(existsSync(join(cwd, path)), path).toBe(true);
    }
    expect(out).toMatch(/^next:\n {2}npm install\n {2}npx one-survivor check\n {2}npx vitest run races$/m);
  });

  it('whose check, test and CI job run', async () => {
    const cwd = await initialised();
    const lines = [...readFileSync(join(cwd, JOB), 'utf8').matchAll(/^ +- run: (.*)$/gm)].map(
      ([, line]) => line!,
    );
    expect(lines).toEqual(['npm install', 'npx one-survivor check --runs 5000', 'npx vitest run races']);
    for (const line of lines.slice(1)) {
      const { code, text } = await shell(cwd, line, { CI: 'true' });
      expect({ line, code }, text).toEqual({ line, code: 0 });
      expect(text).toMatch(/✓/);
    }
    expect(existsSync(join(cwd, '.one-survivor/tokens'))).toBe(false);
  });

  it('and whose test fails with a token that replays, once the lock has lost its guard', async () => {
    const cwd = await initialised();
    const file = join(cwd, LOCK);
    const lock = readFileSync(file, 'utf8');
    writeFileSync(file, withoutGuard(lock));
    const failed = await shell(cwd, 'npm test', { ONE_SURVIVOR_SEED: '1' });
    expect(failed.code).toBe(1);
    // Two owners, or an owner that is stopped for good and left a half-written claim: which is found first is a matter of the seed.
    expect(failed.text).toMatch(/RaceError: mine\/lock\/starts: "(at most|exactly) one owner" is violated/);
    expect(failed.text).toMatch(/decided by the order of ① [\s\S]* and ②\s/);
    const [again = '', token] =
      /npx one-survivor replay (os1:\S+) --from races\/lock\.mjs/.exec(failed.text) ?? [];
    for (const line of [again, `npx one-survivor replay ${token}`]) {
      const { code, out } = await shell(cwd, line);
      expect({ line, code }, out).toEqual({ line, code: 1 });
      expect(out).toMatch(/✗ (violated here: at most|not true at the end: exactly) one owner/);
    }
    // What the test has recorded the command replays too, and tells GitHub.
    const summary = join(cwd, 'summary.md');
    const ci = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const checked = await shell(cwd, 'npx one-survivor check --runs 1 --no-record', ci);
    expect(checked.code).toBe(1);
    expect(checked.out).toContain('::error');
    expect(readFileSync(summary, 'utf8')).toContain(token);

    writeFileSync(file, lock);
    expect(await shell(cwd, 'npm test')).toMatchObject({ code: 0 });
    expect((await shell(cwd, again)).code).toBe(0);
  });

  it('with types for all of it', async () => {
    const cwd = await initialised();
    writeFileSync(
      join(cwd, 'races/typed.ts'),
      `import { scenario, type Ports } from 'one-survivor';
import { becomeOwner, runProgram, type Program } from 'one-survivor/owner';
import { ownersOf, quietRun, raceTest, type RaceResult } from 'one-survivor/vitest';
import { test } from 'vitest';

const daemon: Program = async (ports: Ports) => {
  const contest = await becomeOwner(ports, { directory: '/run/mine', endpoint: null });
  return contest.kind === 'owner' ? contest.owner.generation : 1;
};
const mine = scenario({ id: 'a/b/c', programs: { daemon }, start: [{ program: 'daemon' }], invariants: [] });
raceTest('mine', mine, { runs: 10, seed: 1 });
test('quiet', async ({ task }) => {
  const owners: readonly { process: string; token: number | null }[] = ownersOf((await quietRun(mine)).events);
  const race: RaceResult | undefined = task.meta.race;
  // @ts-expect-error: a number
  raceTest('mine', mine, { runs: 'many' });
  return void [owners, race, runProgram];
});
`,
    );
    const strict = ['--strict', '--noEmit', '--skipLibCheck', '--allowJs', '--checkJs'];
    const modules = [
      '--module',
      'NodeNext',
      '--target',
      'ES2022',
      '--typeRoots',
      NODE_TYPES,
      '--types',
      'node',
    ];
    const files = ['races/typed.ts', LOCK, 'races/lock.test.mjs', 'one-survivor.config.mjs'];
    const { stdout, exitCode } = await execa(process.execPath, [TSC, ...strict, ...modules, ...files], {
      cwd,
      reject: false,
    });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
  });
});

describe('one-survivor init in a TypeScript project', () => {
  it.each([
    ['of ES modules', { type: 'module' }, 'ts'],
    ['of CommonJS', {}, 'mts'],
  ])('%s writes TypeScript that compiles with strict settings, and runs', async (_, manifest, end) => {
    const cwd = await emptyProject();
    writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest));
    const options = { ...STRICT, typeRoots: [NODE_TYPES], types: ['node'] };
    writeFileSync(
      join(cwd, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: [`races/*.${end}`, `*.${end}`] }),
    );
    expect(await shell(cwd, 'npx one-survivor init')).toMatchObject({ code: 0 });
    expect(readdirSync(join(cwd, 'races')).sort()).toEqual([`lock.${end}`, `lock.test.${end}`].sort());
    const listed = await execa(process.execPath, [TSC, '-p', '.', '--listFilesOnly'], { cwd });
    expect(listed.stdout).toContain(`/races/lock.test.${end}`);
    expect(listed.stdout).toContain(`/one-survivor.config.${end}`);
    const { stdout, exitCode } = await execa(process.execPath, [TSC, '-p', '.'], { cwd, reject: false });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    for (const line of ['npx one-survivor check --runs 200 --seed 1', 'npm test'])
      expect(await shell(cwd, line, { CI: 'true', ONE_SURVIVOR_RUNS: '200' })).toMatchObject({ code: 0 });
    // A token of the test is found by the command, without --from.
    writeFileSync(
      join(cwd, `races/lock.${end}`),
      withoutGuard(readFileSync(join(cwd, `races/lock.${end}`), 'utf8')),
    );
    const failed = await shell(cwd, 'npm test', { ONE_SURVIVOR_SEED: '1' });
    const [again = ''] = /npx one-survivor replay os1:\S+ --from \S+/.exec(failed.text) ?? [];
    expect(again).toContain(`--from races/lock.${end}`);
    expect(await shell(cwd, again)).toMatchObject({ code: 1 });
  });
});

it('one-survivor init in a CommonJS project writes what runs there', async () => {
  const cwd = await emptyProject();
  writeFileSync(join(cwd, 'package.json'), '{ "scripts": { "test": "mocha" } }');
  expect((await shell(cwd, 'npx one-survivor init')).out).toMatch(
    /^changed +package\.json +adds the script test:races: vitest run races$/m,
  );
  for (const line of ['npx one-survivor check --runs 200 --seed 1', 'npm run test:races'])
    expect(await shell(cwd, line, { ONE_SURVIVOR_RUNS: '200' })).toMatchObject({ code: 0 });
});

describe('one-survivor init in an existing project', () => {
  it('overwrites nothing, and lists existing files', async () => {
    const cwd = await emptyProject();
    mkdirSync(join(cwd, 'races'));
    const mine: Record<string, string> = {
      [LOCK]: 'export default 1;\n',
      'package.json': '{ "devDependencies": { "vitest": "4" } }',
      'one-survivor.config.ts': 'export default {};\n',
    };
    for (const [path, text] of Object.entries(mine)) writeFileSync(join(cwd, path), text);
    const { code, out } = await shell(cwd, 'npx one-survivor init --json');
    expect(code).toBe(0);
    const { files, missing } = JSON.parse(out);
    expect(files.filter(({ written }: { written: boolean }) => written)).toMatchObject([
      { path: 'races/lock.test.mjs' },
      { path: JOB },
      { path: '.one-survivor/.gitignore' },
    ]);
    expect(missing).toEqual(['one-survivor']);
    const { 'package.json': before, ...others } = mine;
    for (const [path, text] of Object.entries(others))
      expect(readFileSync(join(cwd, path), 'utf8')).toBe(text);
    const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    expect(manifest).toEqual({ ...JSON.parse(before!), scripts: { test: 'vitest run' } });

    const again = await shell(cwd, 'npx one-survivor init');
    expect(again.out).toMatch(/^skipped +races\/lock\.mjs +exists$/m);
    expect(again.out).toMatch(
      /^skipped +one-survivor\.config\.mjs +one-survivor\.config\.ts exists: add '\.\/races\/\*\*' /m,
    );
    expect(again.out).toContain('npm install --save-dev one-survivor\n');
    expect(again.out).not.toContain('wrote');
  });

  it('reports errors', async () => {
    const cwd = await emptyProject();
    writeFileSync(join(cwd, 'races'), 'a file');
    const { code, text } = await shell(cwd, 'npx one-survivor init');
    expect(code).toBe(2);
    expect(text).toMatch(/error: .*races\/lock\.mjs cannot be written: /);
    writeFileSync(join(cwd, 'package.json'), '{');
    const damaged = await shell(cwd, 'npx one-survivor init --dry-run');
    expect(damaged).toMatchObject({ code: 2 });
    expect(damaged.text).toMatch(/package\.json cannot be read: /);
  });
});
