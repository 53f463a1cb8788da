// Some runs of a check are made with a fresh instance of the user's modules for each process, in every kind of module.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runVitest, vitestProject } from '../vitest/project.ts';
import { json, project, run } from './run.ts';

const LOCK = `
let locked = false;
export async function withLock(ports, work) {
  while (locked) await ports.clock.sleep(1);
  locked = true;
  try {
    return await work();
  } finally {
    locked = false;
  }
}
`;

/** A lock in memory, two modules away, in front of a lock file that is wrong. */
function scenarioFile(from: string, id = 'test/shared/mutex'): string {
  return `
import { atMostOneOwner, ifExercised, scenario } from 'one-survivor';
${from}
async function worker(ports) {
  const { fs, clock, mark } = ports;
  return withLock(ports, async () => {
    if (await fs.exists('/lock')) return 1;
    await fs.writeFile('/lock', '');
    mark('own');
    await clock.sleep(5);
    mark('release');
    await fs.unlink('/lock');
    return 0;
  });
}
export default scenario({
  id: '${id}',
  programs: { worker },
  start: [{ program: 'worker', count: 2 }],
  crashes: 'allowed',
  invariants: [ifExercised(atMostOneOwner)],
});
`;
}

const typed = (code: string): string =>
  code.replace('worker(ports)', 'worker(ports: any)').replace('(ports, work)', '(ports: any, work: any)');
const ARGS = ['--seed', '1', '--runs', '50', '--no-record'];

describe('a lock in memory is found, and named with its file and line', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'in ES modules',
      'lock.mjs',
      {
        'scenario.mjs': scenarioFile(`import { withLock } from './between.mjs';`),
        'between.mjs': `export { withLock } from './lock.mjs';`,
        'lock.mjs': LOCK,
      },
    ],
    [
      'in CommonJS',
      'lock.cjs',
      {
        'scenario.mjs': scenarioFile(`import between from './between.cjs'; const { withLock } = between;`),
        'between.cjs': `exports.withLock = require('./lock.cjs').withLock;`,
        'lock.cjs': LOCK.replace('export async function withLock', 'exports.withLock = async function'),
      },
    ],
    [
      'in TypeScript',
      'lock.ts',
      {
        'scenario.ts': typed(scenarioFile(`import { withLock } from './between.ts';`)),
        'between.ts': `export { withLock } from './lock.ts';`,
        'lock.ts': typed(LOCK),
      },
    ],
    [
      'in an ES module that TypeScript imports',
      'lock.mjs',
      {
        'scenario.ts': typed(scenarioFile(`import { withLock } from './lock.mjs';`)),
        'lock.mjs': LOCK,
      },
    ],
  ])('%s', async (_, file, files) => {
    const cwd = project(files);
    const [scenario] = Object.keys(files);
    const { code, data } = await json(cwd, ['check', scenario!, ...ARGS]);
    expect(code).toBe(4);
    expect(data.scenarios).toMatchObject([{ verdict: 'nondeterministic' }]);
    expect(data.scenarios[0].reason).toContain('with a fresh instance of its module for each process');
    expect(data.scenarios[0].reason).toContain(`locked (${join(cwd, file)}:2)`);
    expect(data.scenarios[0].assumed.join()).not.toContain('memory');
  });
});

describe('the check for shared memory', () => {
  const files = {
    'scenario.mjs': scenarioFile(`import { withLock } from './lock.mjs';`),
    'lock.mjs': LOCK,
  };

  test('is turned off by --no-isolation-check, and by the config', async () => {
    const config = `export default { isolationCheck: false };`;
    const assumed = expect.arrayContaining(['programs share no memory: the check was turned off']);
    const byOption = await json(project(files), ['check', 'scenario.mjs', ...ARGS, '--no-isolation-check']);
    expect(byOption.data.scenarios).toMatchObject([{ verdict: 'passed', assumed }]);
    const cwd = project({ ...files, 'one-survivor.config.mjs': config });
    const byConfig = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(byConfig.data.scenarios).toMatchObject([{ verdict: 'passed', assumed }]);
  });

  test.each(['1', '2'])(
    'turned off, lets variables be used up by the first runs: %s workers',
    async (workers) => {
      const usedUp = scenarioFile(`
let chances = 2;
async function withLock({ mark }, work) {
  if (chances-- > 0) mark('lucky');
}`);
      const cwd = project({
        'scenario.mjs': usedUp,
        'other.mjs': usedUp.replace('shared/mutex', 'shared/other'),
      });
      const args = ['check', 'scenario.mjs', 'other.mjs', '--seed', '1', '--no-record', '--workers', workers];
      const on = await json(cwd, [...args, '--runs', '2000']);
      expect(on.data.scenarios).toMatchObject([
        { verdict: 'nondeterministic' },
        { verdict: 'nondeterministic' },
      ]);
      const off = await json(cwd, [...args, '--runs', '2000', '--no-isolation-check']);
      expect(off.data.scenarios).toMatchObject([{ verdict: 'passed' }, { verdict: 'passed' }]);
    },
  );

  test('reports a violation that only shared memory shows for what it is', async () => {
    const cwd = project({
      'scenario.mjs': scenarioFile(`
let workers = 0;
async function withLock(ports) {
  if (++workers > 1) throw new Error('two of them');
  await ports.clock.sleep(1);
  workers--;
}`).replace(`crashes: 'allowed'`, `crashes: 'forbidden'`),
    });
    const { data } = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(data.scenarios).toMatchObject([{ verdict: 'nondeterministic', violations: [] }]);
    expect(data.scenarios[0].reason).toContain(`workers (${join(cwd, 'scenario.mjs')}:4)`);
  });

  test('leaves a violation alone that processes with memory of their own have too', async () => {
    const cwd = project({ 'scenario.mjs': scenarioFile('const withLock = (_, work) => work();') });
    const { data } = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(data.scenarios).toMatchObject([{ verdict: 'violated' }]);
  });

  test('names what a lock has kept from a run that went on in the step of another process', async () => {
    const cwd = project({
      'scenario.mjs': scenarioFile(`
let tail = Promise.resolve();
function withLock(ports, work) {
  const done = tail.then(work);
  tail = done.catch(() => {});
  return done;
}`),
    });
    const { data } = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(data.scenarios).toMatchObject([{ verdict: 'nondeterministic' }]);
    expect(data.scenarios[0].reason).toContain(join(cwd, 'scenario.mjs'));
  });

  test('sees no difference in the URLs that instances have', async () => {
    const cwd = project({
      'scenario.mjs': scenarioFile(`
async function withLock({ mark }) {
  mark('here', { url: import.meta.url });
  throw new Error(new Error('here').stack.split('\\n')[1]);
}`),
    });
    const { data } = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(data.scenarios).toMatchObject([{ verdict: 'passed' }]);
  });

  test('does not log again what a module logs when it is loaded', async () => {
    const cwd = project({
      'scenario.mjs': `console.error('loaded once');${scenarioFile('const withLock = async () => 0;')}`,
    });
    const { code, err } = await run(cwd, ['check', 'scenario.mjs', ...ARGS, '--workers', '1']);
    expect(code).toBe(0);
    expect(err.match(/loaded once/g)).toHaveLength(1);
  });

  test('watches variables instead where a module cannot be loaded again, and says so', async () => {
    const once = `
if (globalThis.loadedOnce) throw new Error('only once');
globalThis.loadedOnce = true;
`;
    const cwd = project({
      'sound.mjs': once + scenarioFile('const withLock = async () => 0;'),
      'scenario.mjs': once + scenarioFile(`import { withLock } from './lock.mjs';`),
      'lock.mjs': LOCK,
    });
    const sound = await json(cwd, ['check', 'sound.mjs', ...ARGS]);
    expect(sound.data.scenarios).toMatchObject([{ verdict: 'passed' }]);
    expect(sound.data.scenarios[0].assumed.join()).toContain('only once');
    const { data } = await json(cwd, ['check', 'scenario.mjs', ...ARGS]);
    expect(data.scenarios).toMatchObject([{ verdict: 'nondeterministic' }]);
    expect(data.scenarios[0].reason).toContain(`locked (${join(cwd, 'lock.mjs')}:2)`);
  });
});

describe('raceTest', () => {
  test('finds it with the file of the scenario, and without', async () => {
    const cwd = vitestProject({
      'scenario.mjs': scenarioFile(`import { withLock } from './lock.mjs';`),
      'lock.mjs': LOCK,
      'shared.test.mjs': `
import { raceTest } from 'one-survivor/vitest';
import shared from './scenario.mjs';
raceTest('with the file', shared, { seed: 1, runs: 50, from: './scenario.mjs' });
raceTest('without', shared, { seed: 1, runs: 50 });
raceTest('not checked', shared, { seed: 1, runs: 50, isolationCheck: false });
`,
    });
    const { results } = await runVitest(cwd);
    const named = `locked (${join(cwd, 'lock.mjs')}:2)`;
    expect(results['with the file']).toMatchObject({ state: 'failed' });
    expect(results['with the file']?.error).toContain('with a fresh instance of its module');
    expect(results['with the file']?.error).toContain(named);
    expect(results.without).toMatchObject({ state: 'failed' });
    expect(results.without?.error).toContain(named);
    expect(results['not checked']).toMatchObject({ state: 'passed' });
  });

  test('sees no difference in the texts of errors, which vitest changes', async () => {
    const cwd = vitestProject({
      'scenario.mjs': scenarioFile(`
import * as lock from './lock.mjs';
async function withLock() {
  lock.missing();
}`),
      'lock.mjs': LOCK,
      'sound.test.mjs': `
import { raceTest } from 'one-survivor/vitest';
import sound from './scenario.mjs';
raceTest('sound', sound, { seed: 1, runs: 50, from: './scenario.mjs' });
`,
    });
    const { results } = await runVitest(cwd);
    expect(results.sound).toMatchObject({ state: 'passed' });
  });
});

describe('an import() in a program', () => {
  const importing = (what: string): string => `
import { atMostOneOwner, ifExercised, scenario } from 'one-survivor';
async function worker({ clock }) {
  await clock.sleep(1);
  const found = await import('${what}');
  (found.writeFileSync ?? found.write)('written', 'x');
}
export default scenario({
  id: 'test/late/import',
  programs: { worker },
  start: [{ program: 'worker', count: 2 }],
  invariants: [ifExercised(atMostOneOwner)],
});
`;
  test.each(['./late.mjs', 'node:fs', 'fs'])('of %s is caught, each time, with its line', async (what) => {
    const folder = project({
      'scenario.mjs': importing(what),
      'late.mjs': `import { writeFileSync } from 'node:fs';\nexport const write = (...all) => writeFileSync(...all);`,
    });
    for (let time = 0; time < 2; time++) {
      const { code, out } = await run(folder, ['check', 'scenario.mjs', ...ARGS]);
      expect(out.replaceAll(/\s+/g, ' ')).toContain(
        'worker#1 reached import(), which belongs to the real machine (import it at the top of the file), at scenario.mjs:5:17',
      );
      expect(code).toBe(1);
    }
    expect(existsSync(join(folder, 'written'))).toBe(false);
  });

  test('of what the file has imported at its top is the same in all runs', async () => {
    const folder = project({
      'scenario.mjs': `import './late.mjs';${importing('./late.mjs')}`,
      'late.mjs': 'export const write = () => {};',
    });
    const { out } = await run(folder, ['check', 'scenario.mjs', ...ARGS]);
    expect(out).not.toContain('nondeterministic');
  });
});

describe('memory that fresh instances of a module share is found too', () => {
  const naive = (read: string, write: (value: string) => string, imports = ''): string => `
import { atMostOneOwner, scenario } from 'one-survivor';
${imports}
async function worker({ fs, clock, mark }) {
  while (${read}) await clock.sleep(10);
  ${write('true')};
  if (!(await fs.exists('/lock'))) {
    await fs.writeFile('/lock', '');
    mark('own');
    await clock.sleep(100);
    mark('release');
    await fs.unlink('/lock');
  }
  ${write('false')};
}
export default scenario({
  id: 'test/shared/built-in',
  programs: { worker },
  start: [{ program: 'worker', count: 2 }],
  invariants: [atMostOneOwner],
});
`;
  const hidden = (owner: string) => (value: string) =>
    `Object.defineProperty(${owner}, 'busy', { value: ${value}, configurable: true })`;
  test.each([
    ['globalThis.busy', naive('globalThis.busy', (value) => `globalThis.busy = ${value}`)],
    ['globalThis.busy', naive('globalThis.busy', hidden('globalThis'))],
    [
      'globalThis[Symbol(busy)]',
      naive(`globalThis[Symbol.for('busy')]`, (value) => `globalThis[Symbol.for('busy')] = ${value}`),
    ],
    ['Array.prototype.busy', naive('[].busy', hidden('Array.prototype'))],
    ['process.busy', naive('process.busy', (value) => `process.busy = ${value}`)],
    ['os (', naive('os.busy', (value) => `os.busy = ${value}`, `import os from 'node:os';`)],
    ['mutex (', naive('mutex.busy', (value) => `mutex.busy = ${value}`, `import mutex from 'mutex';`)],
  ])('%s', async (name, text) => {
    const folder = project({
      'scenario.mjs': text,
      'node_modules/mutex/package.json': '{ "name": "mutex", "main": "index.js" }',
      'node_modules/mutex/index.js': 'module.exports = { busy: false };',
    });
    const { code, out } = await run(folder, ['check', 'scenario.mjs', ...ARGS]);
    expect(out).toContain('≠ test/shared/built-in: nondeterministic');
    expect(out).toContain(name);
    expect(code).toBe(4);
  });

  test('a counter of the module that does no harm is not reported', async () => {
    const text = naive(
      'false',
      (value) => (value === 'true' ? 'inflight++' : 'inflight--'),
      'let inflight = 0;',
    )
      .replace(`if (!(await fs.exists('/lock'))) {`, '{')
      .replace(`writeFile('/lock', '')`, `writeFile('/lock', '', { flag: 'wx' })`)
      .replace('invariants:', `crashes: 'allowed', invariants:`);
    const { out } = await run(project({ 'scenario.mjs': text }), ['check', 'scenario.mjs', ...ARGS]);
    expect(out).not.toContain('nondeterministic');
  });
});
