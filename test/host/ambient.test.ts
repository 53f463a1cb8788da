import { AsyncLocalStorage } from 'node:async_hooks';
import { exec, execFile } from 'node:child_process';
import { createHash, getRandomValues, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import fs, { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net, { createServer } from 'node:net';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { callbackify, format, inspect, promisify } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { check } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { importModule, scenariosIn } from '../../src/scenario/modules.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const promisifiedBefore = promisify(exec);

/** What a program does behind the back of its ports, and what the error says that it has reached. */
const REACHES: readonly (readonly [what: string, does: () => unknown])[] = [
  ['Date.now', () => Date.now()],
  ['the clock of new Date', () => new Date()],
  ['Date()', () => (Date as unknown as () => string)()],
  ['performance.now', () => performance.now()],
  ['Math.random', () => Math.random()],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(4))],
  ['node:crypto randomUUID', () => randomUUID()],
  ['node:crypto randomBytes', () => randomBytes(4)],
  ['setTimeout', () => setTimeout(() => {}, 1)],
  ['setInterval', () => setInterval(() => {}, 1)],
  ['setImmediate', () => setImmediate(() => {})],
  ['AbortSignal.timeout', () => AbortSignal.timeout(10)],
  ['node:timers/promises setTimeout', () => wait(1)],
  ['process.pid', () => process.pid],
  ['process.cwd', () => process.cwd()],
  ['process.kill', () => process.kill(0, 0)],
  ['process.exit', () => process.exit(7)],
  ['process.on', () => process.on('SIGTERM', () => {})],
  ['process.hrtime.bigint', () => process.hrtime.bigint()],
  ['node:fs existsSync', () => existsSync('/')],
  ['node:fs readFileSync', () => readFileSync('/etc/hostname')],
  ['node:fs writeFile', () => fs.writeFile('/tmp/never', '', () => {})],
  ['node:fs realpathSync.native', () => fs.realpathSync.native('/')],
  ['node:fs/promises readFile', () => readFile('/etc/hostname')],
  ['node:fs/promises stat', () => fs.promises.stat('/')],
  ['node:net createServer', () => createServer()],
  ['node:net connect', () => net.connect(1)],
  ['fetch', () => fetch('http://127.0.0.1:1/')],
  ['node:child_process execFile', () => execFile('/bin/true')],
  ['node:fs readFile', () => promisify(fs.readFile)('/etc/hostname')],
  ['node:fs exists', () => promisify(fs.exists)('/')],
  ['node:child_process exec', () => promisify(exec)('true')],
  ['node:child_process execFile', () => promisifiedBefore('true')],
  ['node:fs mkdirSync', () => new EventEmitter().on('a', fs.mkdirSync).emit('a', '/never/made')],
  [
    'node:fs mkdirSync',
    () => new AsyncLocalStorage().run(1, () => [fs.mkdirSync].map((f) => f('/never/made'))),
  ],
  ['crypto.getRandomValues', () => getRandomValues(new Uint8Array(4))],
  ['process.cwd', () => path.resolve('a')],
];

const HARMLESS: readonly (readonly [string, () => unknown])[] = [
  [
    'a date of a given time',
    () => new Date(1_000).toISOString() + Date.UTC(2020, 1) + Date.parse('2020-01-01'),
  ],
  ['Math', () => Math.max(1, Math.floor(2.5))],
  ['structuredClone', () => structuredClone({ a: [1] })],
  ['text coding', () => new TextDecoder().decode(new TextEncoder().encode('ä'))],
  ['AbortController', () => new AbortController().abort()],
  ['URL', () => new URL('http://a/b').href],
  ['a hash', () => createHash('sha256').update('a').digest('hex')],
  ['nextTick', () => process.nextTick(() => {})],
  ['queueMicrotask', () => queueMicrotask(() => {})],
  ['process.env', () => process.env.HOME],
  ['promisify', () => promisify(setTimeout)],
];

const collectGarbage = (() => {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
})();

function scenarioThat(does: () => unknown, before = true): Scenario {
  const program: Program = async ({ clock, fs: files }) => {
    if (before) await files.mkdir('/d');
    does();
    await clock.sleep(5);
  };
  return scenarioOf({ culprit: program });
}

describe('the guard of what is around a program', () => {
  it.each(REACHES)('%s is caught, with the line', async (what, does) => {
    for (const before of [true, false]) {
      const { failure } = await runOnce(scenarioThat(does, before));
      expect(failure?.invariant).toBe(BUILT_IN.ambient);
      expect(failure?.message).toContain(`culprit#1 reached ${what}, `);
      expect(failure?.message).toMatch(/ambient\.test\.ts:\d+:\d+$/);
    }
  });

  it.each(HARMLESS)('%s is not', async (_, does) => {
    expect((await runOnce(scenarioThat(does))).failure).toBeNull();
  });

  it('it is caught even where the program catches all', async () => {
    const { failure } = await runOnce(
      scenarioThat(() => {
        try {
          Date.now();
        } catch {}
      }),
    );
    expect(failure?.invariant).toBe(BUILT_IN.ambient);
  });

  it('nothing happens on the real machine', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'ambient-')), 'file');
    await runOnce(scenarioThat(() => writeFileSync(file, 'x')));
    expect(existsSync(file)).toBe(false);
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  it('a check reports it as a violation, with a token that replays', async () => {
    const report = await check(
      scenarioThat(() => Math.random()),
      { seed: 1, runs: 20 },
    );
    expect(report.verdict).toBe('violated');
    expect(report.violations[0]).toMatchObject({ invariant: BUILT_IN.ambient, contenders: 1 });
  });

  it('between runs everything is as before', async () => {
    const reals = () =>
      [Date, Date.now, setTimeout, Math.random, fs.readFileSync, process.kill, process.on, fetch] as const;
    const before = reals();
    await runOnce(scenarioThat(() => {}));
    await runOnce(scenarioThat(() => Date.now()));
    expect(reals()).toEqual(before);
    expect(Object.hasOwn(process, 'on')).toBe(false);
    expect(Object.getOwnPropertyDescriptor(process, 'pid')).toMatchObject({ value: process.pid });
  });

  it('each process has its own environment, and the real one is unchanged', async () => {
    const seen: unknown[] = [];
    const program: Program = async ({ clock }) => {
      process.env.ROUND = String(Number(process.env.ROUND ?? 0) + 1);
      await clock.sleep(5);
      seen.push([process.env.ROUND, 'ROUND' in process.env, Object.keys(process.env).includes('VITEST')]);
      delete process.env.ROUND;
      seen.push(process.env.ROUND);
    };
    const scenario = scenarioOf({ program }, { start: [{ program: 'program', count: 2 }] });
    expect((await runOnce(scenario)).failure).toBeNull();
    const own = ['1', true, false];
    expect(seen).toEqual([own, undefined, own, undefined]);
    expect(process.env.ROUND).toBeUndefined();
    expect(process.env.VITEST).toBe('true');
  });

  it('printing shows the simulated environment', async () => {
    let seen = '';
    const { failure } = await runOnce(
      scenarioThat(() => {
        seen = [
          inspect(process.env),
          format('%O', process.env),
          inspect(process.env, { showProxy: true, customInspect: false, showHidden: true }),
        ].join();
      }),
    );
    expect(failure).toBeNull();
    expect(seen).toContain('/root');
    expect(seen).not.toContain('VITEST');
  });

  it('nothing is written where Node makes the call', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ambient-'));
    const file = path.join(folder, 'file');
    const promisified = promisify(fs.writeFile);
    for (const does of [
      () => promisify(fs.writeFile)(file, 'x'),
      () => promisified(file, 'x'),
      () => process.nextTick(fs.writeFileSync, file, 'x'),
      () => callbackify(fs.promises.writeFile)(file, 'x', () => {}),
    ]) {
      const { failure } = await runOnce(scenarioThat(does));
      expect(failure?.invariant).toBe(BUILT_IN.ambient);
    }
    expect(fs.readdirSync(folder)).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });

  it('a variable that only the real machine has is noted', async () => {
    const { run } = await runOnce(
      scenarioThat(() => [process.env.VITEST_POOL_ID, process.env.NO_SUCH_THING, process.env.NODE_ENV]),
    );
    expect([...run.notes.values()]).toEqual([
      expect.stringContaining('culprit reads process.env.VITEST_POOL_ID, '),
    ]);
  });

  it('directories in the environment match those of os', async () => {
    let seen: unknown;
    await runOnce(
      scenarioThat(() => {
        process.env.TMPDIR = '/var/tmp';
        process.env.HOME = '/home/me';
        seen = [os.tmpdir(), os.homedir()];
      }),
    );
    expect(seen).toEqual(['/var/tmp', '/home/me']);
  });

  it('garbage is not collected where a program could see it', async () => {
    const called = vi.fn();
    const refs: WeakRef<object>[] = [];
    const registries: FinalizationRegistry<number>[] = [];
    const { failure } = await runOnce(
      scenarioOf({
        program: async ({ clock }) => {
          registries.push(new FinalizationRegistry(called));
          registries[0]!.register({}, 1);
          refs.push(new WeakRef({}));
          await clock.sleep(5);
          collectGarbage();
          await clock.sleep(5);
          if (refs[0]!.deref() === undefined) throw new Error('collected');
        },
      }),
    );
    expect(failure).toBeNull();
    collectGarbage();
    await wait(20);
    expect(called).not.toHaveBeenCalled();
  });

  it('what is constant is so in steps alone', async () => {
    const zone = new Date(2026, 0, 1).getTimezoneOffset();
    const before = [process.argv, process.stdout, os.hostname(), zone, new Date(0).toString()];
    await runOnce(scenarioThat(() => {}));
    const after = [process.argv, process.stdout, os.hostname(), zone, new Date(0).toString()];
    expect(after).toEqual(before);
    expect(process.argv[1]).toBe(before[0]![1 as never]);
  });

  it('an exit code that a program leaves is not that of the real process', async () => {
    const before = process.exitCode;
    await runOnce(
      scenarioThat(() => {
        process.exitCode = 9;
      }),
    );
    expect(process.exitCode).toBe(before);
  });

  it('what other code has replaced meanwhile is guarded too, and stays replaced', async () => {
    const original = Math.random;
    const other = () => 0.5;
    Math.random = other;
    try {
      expect((await runOnce(scenarioThat(() => Math.random()))).failure?.invariant).toBe(BUILT_IN.ambient);
      expect(Math.random).toBe(other);
    } finally {
      Math.random = original;
    }
  });

  it.each([true, false])('explore is guarded as well, remembering or not: %s', async (remember) => {
    const scenario = scenarioThat(() => Date.now());
    const report = await explore(scenario, { remember });
    expect(report.violations[0]).toMatchObject({ invariant: BUILT_IN.ambient });
  });

  it('invariants and the harness may do what they like', async () => {
    const scenario = scenarioOf(
      { fine: async ({ clock }) => clock.sleep(5) },
      {
        invariants: [
          { kind: 'always', name: 'odd', when: 'step', check: () => (Date.now() < 0 ? 'no' : null) },
        ],
      },
    );
    expect((await runOnce(scenario)).failure).toBeNull();
  });

  it('a scenario may allow it, and has another hash then', async () => {
    const programs = { loose: async () => void Date.now() };
    const allowed = scenarioOf(programs, { ambient: 'allowed' });
    expect((await runOnce(allowed)).failure).toBeNull();
    expect(allowed.hash).not.toBe(scenarioOf(programs).hash);
  });

  it('a scenario file in JavaScript is reported with its own line', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ambient-'));
    const file = path.join(folder, 'scenario.mjs');
    const check = pathToFileURL(path.resolve(import.meta.dirname, '../../src/scenario/index.ts')).href;
    writeFileSync(
      file,
      [
        `import { scenario } from ${JSON.stringify(check)};`,
        'const program = async ({ clock }) => {',
        '  await clock.sleep(1);',
        '  return Date.now() > 0 ? 0 : 1;',
        '};',
        `export default scenario({ id: 'a/b/c', programs: { program }, start: [{ program: 'program' }], invariants: [] });`,
      ].join('\n'),
    );
    const [scenario] = scenariosIn(await importModule(pathToFileURL(file).href));
    const { failure } = await runOnce(scenario!);
    expect(failure?.message).toMatch(/reached Date\.now, .*scenario\.mjs:4:/);
    fs.rmSync(folder, { recursive: true });
  });
});
