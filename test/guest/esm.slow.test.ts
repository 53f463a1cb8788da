/** ES modules of guests do what they do under Node: each program here runs in both, and prints the same. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'guest-esm-')));
afterAll(() => rmSync(folder, { recursive: true }));

type Files = Readonly<Record<string, string>>;

function filesIn(files: Files, links: Files = {}): string {
  const root = mkdtempSync(path.join(folder, 'f-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  for (const [name, to] of Object.entries(links)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    symlinkSync(to, path.join(root, name));
  }
  return root;
}

async function simulated(file: string, preempt: readonly number[] = []) {
  const { run, events, failure } = await runOnce(
    scenarioOf({ program: nodeProgram(file) }, { crashes: 'allowed', faultsForMs: 5_000 }),
    { preempt: [...preempt] },
  );
  const printed = (stream: string): string =>
    events
      .flatMap(({ op, args }) => (op === 'log' && args.stream === stream ? [String(args.text)] : []))
      .join('\n');
  const { exitCode } = run.world.processes.find(({ name }) => name === 'program#1')!;
  return { failure, code: exitCode, stdout: printed('stdout'), stderr: printed('stderr') };
}

/** Runs `main.mjs` of these files in both. */
async function same(files: Files, { links = {}, main = 'main.mjs', code = 0 } = {}): Promise<string> {
  const file = path.join(filesIn(files, links), main);
  const real = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  const seen = await simulated(file);
  expect(seen.failure).toBeNull();
  expect([real.status, seen.code], real.stderr + seen.stderr).toEqual([code, code]);
  expect(seen.stdout).toBe(real.stdout.trimEnd());
  if (code === 0) expect(seen.stderr).toBe(real.stderr.trimEnd());
  return seen.stdout;
}

describe('imports and exports', () => {
  it('of every form', async () => {
    const out = await same({
      'main.mjs': `import 'node:path'
import def, { a, b as c, default as again, 'a string' as s } from './all.mjs'
import * as all from './all.mjs'
;[a].forEach((each) => console.log(each))
console.log(def(), again === def, c(), s, Object.keys(all).join())
console.log(def.name, all.Klass.name, new all.Klass().a, all.d, all.e)
console.log({ a, c: c() }, \`\${a}\`, all[Symbol.toStringTag], Object.prototype.toString.call(all))
{ let a = 'inner'; console.log(a, ((c) => c)('param')); }
for (const a of ['loop']) console.log(a);
try { throw 'caught' } catch (a) { console.log(a) }
function hoisted() { return [typeof a, a]; var a = 5 }
console.log(hoisted(), (function c() { return typeof c })(), class a {}.name)
const { a: renamed = a, ...rest } = { c }
console.log(renamed, Object.keys(rest))
label: for (;;) { break label }
c
c()
console.log(c\`tag\`)`,
      'all.mjs': `#!/usr/bin/env node
export default function () { return 'default' }
export const a = 1, { d, f: [e] } = { d: 4, f: [5] };
function own() { return this === undefined }
export { own as b, a as 'a string' };
export class Klass { a = a }
export * from './more.mjs'
export * as more from './more.mjs'
export { m1 as renamed, default as moreDefault } from './more.mjs'`,
      'more.mjs': `export const m1 = 'm1'; export let m2; export default class {}`,
    });
    expect(out).toContain('default true true 1');
    expect(out).toContain('Klass,a,a string,b,d,default,e,m1,m2,more,moreDefault,renamed');
  });

  it('of a default value of every kind has the name default', async () => {
    const values = [
      '() => 1',
      'class {}',
      'function () {}',
      'async function* () {}',
      '(0, 5)',
      'async () => {}',
      '{ a: 1 }',
    ];
    const files = Object.fromEntries(
      values.map((value, i) => [
        `v${i}.mjs`,
        `export default ${value === '{ a: 1 }' ? `(${value})` : value}`,
      ]),
    );
    await same({
      ...files,
      'main.mjs': `${values.map((_, i) => `import v${i} from './v${i}.mjs'`).join(';\n')}
for (const v of [${values.map((_, i) => `v${i}`)}]) console.log(v.name, typeof v)`,
    });
  });

  it('are live, also through export * and in cycles', async () => {
    await same({
      'main.mjs': `import { count, inc } from './star.mjs'; import { early } from './a.mjs';
console.log(count); inc(); console.log(count, early);
try { count = 5 } catch (error) { console.log(error.name) }`,
      'star.mjs': `export * from './counter.mjs'`,
      'counter.mjs': `export let count = 0; export function inc() { count++ }`,
      'a.mjs': `import { fromB, late } from './b.mjs'; export function hoisted() { return 'hoisted' } export let value = 1;
export const early = [fromB, late()]`,
      'b.mjs': `import { hoisted, value } from './a.mjs'; let seen; try { seen = value } catch (error) { seen = error.name }
export const fromB = hoisted() + seen; export const late = () => value`,
    });
  });

  it('that do not exist are syntax errors, as are ambiguous ones', async () => {
    await same({
      'main.mjs': `for (const name of ['missing', 'ambiguous', 'commonjs', 'missing'])
  try { await import(\`./\${name}.mjs\`) } catch (error) { console.log(error.name, error.message) }
await import('./fine.mjs')`,
      'missing.mjs': `import { nothing } from './x.mjs'; console.log('never')`,
      'ambiguous.mjs': `import { x } from './both.mjs'`,
      'commonjs.mjs': `import { nothing } from './c.cjs'`,
      'both.mjs': `export * from './x.mjs'; export * from './y.mjs'`,
      'fine.mjs': `import * as both from './both.mjs'; console.log(Object.keys(both))`,
      'x.mjs': `export const x = 1, one = 1`,
      'y.mjs': `export const x = 2, two = 2`,
      'c.cjs': `exports.there = 1`,
    });
  });
});

describe('a module that awaits at its top', () => {
  it('holds up those that import it, and no others', async () => {
    await same({
      'main.mjs': `import './sync.mjs'; import { slow } from './slow.mjs'; import './other.mjs'; import './cycle-a.mjs';
console.log('main', slow); for await (const each of [1, Promise.resolve(2)]) console.log(each);`,
      'sync.mjs': `console.log('sync')`,
      'slow.mjs': `console.log('slow begins'); await new Promise((resolve) => setTimeout(resolve, 20)); export const slow = 'slow'; console.log('slow ends')`,
      'other.mjs': `console.log('other begins'); await null; console.log('other ends')`,
      'cycle-a.mjs': `import { b } from './cycle-b.mjs'; export const a = 'a'; console.log('cycle a', b)`,
      'cycle-b.mjs': `import './cycle-a.mjs'; import './slow.mjs'; export const b = 'b'; console.log('cycle b')`,
    });
  });

  it('may fail, or never go on: the exit code says so', async () => {
    const fails = {
      'main.mjs': `import './fails.mjs'; console.log('never')`,
      'fails.mjs': `await null; throw new Error('late')`,
    };
    await same(fails, { code: 1 });
    const never = `process.on('exit', () => console.log('exit')); await new Promise(() => {})`;
    await same({ 'main.mjs': never }, { code: 13 });
    const exits = `setTimeout(() => process.exit(3), 5); await new Promise(() => {})`;
    await same({ 'main.mjs': exits }, { code: 3 });
    await same({
      'main.mjs': `for (let i = 0; i < 2; i++) await import('./fails.mjs').catch((error) => console.log(error.message))`,
      'fails.mjs': `await null; console.log('once'); throw new Error('kept')`,
    });
  });

  it('is run again from its start when a synchronous call of it is preempted', async () => {
    const root = filesIn({
      'main.mjs': `import { readFileSync } from 'node:fs'; import { made } from './made.mjs';
const { extra } = await import('./extra.mjs'); console.log(made, extra, readFileSync('/tmp/made', 'utf8'))`,
      'made.mjs': `import fs from 'node:fs'; fs.mkdirSync('/tmp', { recursive: true }); fs.writeFileSync('/tmp/made', 'text'); await null; export const made = fs.existsSync('/tmp/made')`,
      'extra.mjs': `import { statSync } from 'fs'; export const extra = statSync('/tmp/made').size`,
    });
    const file = path.join(root, 'main.mjs');
    for (const preempt of [[], Array<number>(60).fill(1)])
      expect(await simulated(file, preempt)).toMatchObject({ failure: null, code: 0, stdout: 'true 4 text' });
  });
});

describe('import()', () => {
  it('resolves once for all, takes a turn, and is there in CommonJS too', async () => {
    await same(
      {
        'main.cjs': `(async () => {
  const [a, again] = await Promise.all([import('./a.mjs'), import('./a.mjs')]); console.log(a.a, a === again);
  console.log((await import('node:path')).join('a', 'b'));
  const { default: c, named } = await import('./c.cjs'); console.log(c, named);
  await import('./missing.mjs').catch((error) => console.log(error.code, error.message));
  console.log((await import('./json.json', { with: { type: 'json' } })).default);
})();
process.nextTick(() => console.log('tick'));`,
        'a.mjs': `console.log('once'); export const a = 1`,
        'c.cjs': `exports.named = 'named'`,
        'json.json': '{"a":[1]}',
      },
      { main: 'main.cjs' },
    );
  });

  it('has modules by query, and data URLs', async () => {
    await same({
      'main.mjs': `import { id as one } from './m.mjs?1'; import { id as two } from './m.mjs?2#h'; import { id as again } from './m.mjs?1';
import { d } from 'data:text/javascript,import path from "node:path"; export const d = path.sep + import.meta.url.length';
import json from 'data:application/json,{"x":1}' with { type: 'json' };
console.log(one === again, one === two, one.url.slice(-9), two.url.slice(-11), d, json,
  (await import('data:text/javascript;base64,' + btoa('export default 7'))).default)`,
      'm.mjs': `export const id = { url: import.meta.url }`,
    });
  });
});

describe('a module of Node', () => {
  it('has, for its importers, the members that it had before the program replaced them', async () => {
    await same({
      'main.mjs': `import fs, { existsSync } from 'fs'; import * as all from 'node:fs'; import { basename } from 'path';
fs.existsSync = () => 'patched'; fs.statSync = () => 'patched';
console.log(existsSync('/nothing'), all.existsSync('/nothing'), fs.existsSync(), basename('/a/b'), all.default === fs);
const later = await import('fs');
console.log(later === all, typeof later.statSync('/', { throwIfNoEntry: false }), 'statSync' in later, later.nothing);
const { value, ...rest } = Object.getOwnPropertyDescriptor(all, 'existsSync');
console.log(value === existsSync, JSON.stringify(rest), Object.isExtensible(all), Object.prototype.toString.call(all));
for (const change of [() => { all.existsSync = 1 }, () => { all.added = 1 }, () => { delete all.existsSync }])
  try { change(); console.log('changed') } catch (error) { console.log(error.name) }
const names = Object.keys(all); console.log(names.includes('readFile'), names.join() === names.toSorted().join())`,
    });
  });
});

describe('CommonJS and ES modules', () => {
  it('import and require each other', async () => {
    await same({
      'main.mjs': `import cjs, { named, passed } from './c.cjs'; import * as all from './c.cjs'; import { createRequire } from 'node:module';
import babel from './babel.cjs'; import fs, { existsSync } from 'fs'; import process from 'node:process'; import { pid } from 'process'
const require = createRequire(import.meta.url);
console.log(cjs.named === named, passed, Object.keys(all).join(), babel, existsSync === fs.existsSync, pid === process.pid);
console.log(require('./e.mjs').e, require('./e.mjs') === await import('./e.mjs'), require('./d.mjs').__esModule, require('./m.mjs'), require('./e2.js').e2);
for (const name of ['./tla.mjs', './nothing', './cycle.mjs']) try { require(name) } catch (error) { console.log(error.code) }
console.log(typeof module, typeof __filename, typeof exports, this)`,
      'c.cjs': `exports.named = { same: true }; Object.assign(exports, {}); module.exports.hidden = 1; exports.esm = require('./e.mjs').e; __exportStar(require('./r.cjs')); function __exportStar(m) { for (const k in m) exports[k] = m[k] }`,
      'r.cjs': `exports.passed = 'passed'`,
      'babel.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'inner'`,
      'e.mjs': `export const e = 'e'`,
      'd.mjs': `export default 1`,
      'm.mjs': `const whole = () => {}; export { whole as 'module.exports' }`,
      'tla.mjs': `await null`,
      'cycle.mjs': `import './cycle.cjs'`,
      'cycle.cjs': `require('./cycle.mjs')`,
      'e2.js': `export const e2 = 'found by its syntax'`,
    });
  });

  it('say what JSON needs', async () => {
    await same({
      'main.mjs': `import json from './a.json' with { type: 'json' }; console.log(json);
for (const [name, options] of [['./a.json'], ['./main.mjs', { with: { type: 'json' } }]])
  try { await import(name, options) } catch (error) { console.log(error.name, error.message.replace(/file:.*\\//, '')) }`,
      'a.json': '{"a":1}',
    });
  });
});

describe('packages', () => {
  const PACKAGES = {
    'node_modules/conditions/package.json': JSON.stringify({
      exports: {
        '.': { browser: './no.js', import: './import.mjs', require: './require.cjs' },
        './sub/*': { node: './lib/*.js', default: './no.js' },
        './sub/hidden': null,
        './list': ['./list.js'],
      },
    }),
    'node_modules/conditions/import.mjs': `export default 'import'`,
    'node_modules/conditions/require.cjs': `module.exports = 'require'`,
    'node_modules/conditions/lib/a.js': `exports.sub = 'sub a'`,
    'node_modules/conditions/list.js': `exports.list = 'list'`,
    'node_modules/main/package.json': `{"main":"lib"}`,
    'node_modules/main/lib/index.js': `exports.main = 'main'`,
    'node_modules/@scope/esm/package.json': `{"type":"module","exports":"./index.js","name":"@scope/esm"}`,
    'node_modules/@scope/esm/index.js':
      `import self from '@scope/esm'; export default import.meta.filename.slice(-29) + typeof self`.replace(
        ' + typeof self',
        '',
      ),
    'package.json': `{"name":"own","type":"module","exports":{"./x":"./x.js"},"imports":{"#x":"./x.js","#dep":"conditions","#in/*":{"node":"./in/*.js"}}}`,
    'x.js': `export default 'x'`,
    'in/side.js': `export default 'side'`,
  };

  it('are found by exports, imports, main, their own name, and behind links', async () => {
    const out = await same(
      {
        ...PACKAGES,
        'linked/package.json': `{"name":"linked","type":"module","main":"index.js"}`,
        'linked/index.js': `import dep from 'conditions'; export default [import.meta.url.endsWith('/linked/index.js'), import.meta.dirname.endsWith('linked'), dep]`,
        'main.mjs': `import c from 'conditions'; import { sub } from 'conditions/sub/a'; import { list } from 'conditions/list'; import { main } from 'main';
import scoped from '@scope/esm'; import x from 'own/x'; import x2 from '#x'; import dep from '#dep'; import side from '#in/side'; import linked from 'linked'; import { createRequire } from 'module'
const require = createRequire(import.meta.url)
console.log(c, sub, list, main, scoped, x, x2, dep, side, linked, require('conditions'), require('own/x').default)
console.log(import.meta.resolve('conditions').slice(-23), import.meta.resolve('./nothing.js').slice(-10), import.meta.resolve('fs'))
for (const name of ['conditions/sub/hidden', 'conditions/other', 'main/nothing.js', './in', 'nothing', '#nothing', 'own/y', 'https://a/b.js', './x'])
  try { await import(name) } catch (error) { console.log(name, error.name, error.code) }`,
      },
      { links: { 'node_modules/linked': '../linked' } },
    );
    expect(out).toContain('import sub a list main');
  });
});

describe('what is thrown', () => {
  it('has file, line and column as they were written', async () => {
    const file = path.join(
      filesIn({
        'main.mjs': `import { fail } from './lib.mjs';
// a comment
export const kept = 1;
function run() { kept; return fail(() => 1); }
run();`,
        'lib.mjs': `export default 1
export function fail(x) {
  throw new Error('here'); }`,
      }),
      'main.mjs',
    );
    const real = spawnSync(process.execPath, [file], { encoding: 'utf8' }).stderr;
    const seen = await simulated(file);
    expect(seen.code).toBe(1);
    const places = (text: string): string[] => text.match(/[\w-]+\.mjs:\d+/g) ?? [];
    expect(places(seen.stderr)).toEqual(places(real));
    expect(seen.stderr).toContain(`  throw new Error('here'); }\n        ^`);
  });
});
