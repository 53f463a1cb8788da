import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type GuestOptions, guestProgram } from '../../src/guest/index.ts';
import type { Start } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'guest-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A package in its own folder, and where a program that uses it is. */
function packageOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(folder, 'p-'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, 'node_modules', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return path.join(root, 'main.js');
}

type Main = GuestOptions['main'];

interface Told {
  readonly log: unknown[];
  readonly code: number | null;
  readonly failure: unknown;
  readonly crash: unknown;
}

/** Runs one guest, in a dull run, and what it has logged. */
async function guest(
  main: (log: (line: unknown) => void, ...args: Parameters<Main>) => ReturnType<Main>,
  from?: string,
) {
  const log: unknown[] = [];
  const program = guestProgram({
    from: from ?? import.meta.url,
    main: (...args) => main((line) => log.push(line), ...args),
  });
  const { run, failure } = await runOnce(
    scenarioOf({ program }, { crashes: 'allowed', faultsForMs: 5_000, machine: { busyMs: 0 } }),
  );
  const [process] = run.world.processes.filter(({ name }) => name === 'program#1');
  return { log, code: process!.exitCode, failure, crash: process!.crash } satisfies Told;
}

describe('a guest', () => {
  it('sees its current host name and parent, in a container too', async () => {
    const asks = guestProgram({
      from: import.meta.url,
      async main(require, ports, _argv, { process, setTimeout }) {
        const { hostname } = require('node:os') as { hostname(): string };
        const before = hostname();
        await new Promise((resolve) => setTimeout(resolve, 1));
        ports.mark(`${before}, ${hostname()}, ${process.pid} of ${process.ppid}`);
        // The container would end with its first process.
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
    });
    const told = async (start: readonly Start[], fault: number[]) => {
      const options = { start, machine: { hostname: 'laptop' }, faults: { 'host-name': 1 } };
      const { events, failure } = await runOnce(scenarioOf({ asks }, options), { fault });
      expect(failure).toBeNull();
      return events.filter(({ op }) => op === 'mark').map(({ args }) => args.name);
    };
    const outside = [{ program: 'asks' }];
    expect(await told(outside, [])).toEqual(['laptop, laptop, 1001 of 1']);
    expect(await told(outside, [0, 0, 1])).toEqual(['laptop, machine-2, 1001 of 1']);
    const inside = [
      { program: 'asks', pidNamespace: 'box', pid: 1 },
      { program: 'asks', parent: 'asks' },
    ];
    for (const fault of [[], [0, 0, 0, 0, 1]]) {
      expect(await told(inside, fault)).toEqual(['box, box, 1 of 0', 'box, box, 1001 of 1']);
    }
  });

  it('has its own modules and global object in each process', async () => {
    const from = packageOf({
      'counter/package.json': '{"main":"lib.js"}',
      'counter/lib.js': `
        global.count = (global.count || 0) + 1;
        exports.count = ++require('./state.json').count;
        exports.again = ++require('./state.json').count;
        exports.global = global.count;
        exports.same = global === globalThis && global.global === global && global.Date === Date;
        exports.self = [typeof module.exports, __filename.endsWith('lib.js'), __dirname.endsWith('counter'), this === exports];`,
      'counter/state.json': '{"count":0}',
    });
    const log: unknown[] = [];
    const program = guestProgram({ from, main: async (require) => void log.push({ ...require('counter') }) });
    await runOnce(scenarioOf({ program }, { start: [{ program: 'program', count: 2 }] }));
    const seen = { count: 1, again: 2, global: 1, same: true, self: ['object', true, true, true] };
    expect(log).toEqual([seen, seen]);
    expect((globalThis as { count?: unknown }).count).toBeUndefined();
  });

  it('may declare names of globals for itself, and errors have the lines and columns of its file', async () => {
    const from = packageOf({
      'own/index.js': `const process = require('process'), { setTimeout } = require('timers'), fetch = 1; let Date;
'use strict';
exports.pid = process.pid;
exports.stack = new Error('here').stack;`,
      'first/index.js': `exports.stack = new Error('here').stack;`,
    });
    const { log, failure } = await guest(async (write, require) => {
      const { pid, stack } = require('own');
      write([pid, stack.split('\n')[1], require('first').stack.split('\n')[1]]);
    }, from);
    expect(failure).toBeNull();
    expect(log).toEqual([
      [
        1001,
        expect.stringMatching(/own\/index\.js:4:17\)?$/),
        expect.stringMatching(/first\/index\.js:1:17\)?$/),
      ],
    ]);
  });

  it('gets an error for unavailable modules', async () => {
    const from = packageOf({
      'broken/package.json': '{"main":"index.js"}',
      'broken/index.js': 'const a = ;',
      'native/index.js': `require('wasi')`,
    });
    const { log } = await guest(async (note, require) => {
      for (const name of ['broken', 'native', 'missing']) {
        try {
          require(name);
        } catch (error) {
          note((error as Error).message);
        }
      }
    }, from);
    expect(log[0]).toMatch(/index\.js cannot be compiled: Unexpected token ';'/);
    expect(log[1]).toMatch(/the module "wasi" is not simulated \(used at .*index\.js:1:1\)/);
    expect(log[2]).toMatch(/Cannot find module 'missing'/);
  });

  it('has the clocks of the machine', async () => {
    const { log } = await guest(async (note, require, { clock }, _, { Date: Clock, process }) => {
      const before = Clock.now();
      const mono = process.hrtime as (since?: unknown) => [number, number];
      const since = mono();
      await clock.sleep(1_500);
      note(Clock.now() - before);
      note(mono(since)[0]);
      note(Clock.now() - before);
      note([
        new Clock() instanceof Date,
        new Clock(5).getTime(),
        typeof (Clock as unknown as () => string)(),
      ]);
      class Later extends Clock {}
      note(new Later() instanceof Later && new Later(7).getTime());
      const { performance } = require('node:perf_hooks');
      note(Math.round(performance.now() / 100));
      // A loop that waits for the time comes to an end.
      const until = Clock.now() + 3;
      while (Clock.now() < until) {}
      note('later');
    });
    expect(log).toEqual([1500, 1, 1500, [true, 5, 'string'], 7, 15, 'later']);
  });

  it('has timers in the order of Node', async () => {
    const { log } = await guest(
      async (note, require, _ports, _argv, { setTimeout, setInterval, setImmediate, clearTimeout }) => {
        for (const ms of [30, 10, 20, 10, 0]) setTimeout((text: unknown) => note(text), ms, ms);
        clearTimeout(setTimeout(() => note('never'), 5));
        clearTimeout(Number(setTimeout(() => note('never'), 5)));
        let rounds = 0;
        const interval = setInterval(() => {
          note(`round ${++rounds}`);
          if (rounds === 3) clearTimeout(interval);
        }, 100);
        setImmediate(() => note('immediate'));
        setTimeout(() => note('unreferenced'), 150).unref();
        setTimeout(() => note('no code waits'), 4_000).unref();
        await require('node:timers/promises').setTimeout(15);
        note('promise');
      },
    );
    expect(log.filter((line) => line !== 'immediate')).toEqual([
      ...[0, 10, 10, 'promise', 20, 30, 'round 1', 'unreferenced', 'round 2', 'round 3'],
    ]);
    expect(log).toContain('immediate');
  });

  it('has its own random numbers, the same each time', async () => {
    const main = async (
      note: (line: unknown) => void,
      require: (name: string) => never,
      _p: unknown,
      _a: unknown,
      { Math: chance }: { Math: Math },
    ) => {
      const { randomBytes, randomUUID, randomInt } = require('node:crypto') as typeof import('node:crypto');
      note([
        chance.random(),
        chance.random(),
        chance.max(1, 2),
        randomBytes(4).length,
        randomInt(5),
        randomUUID(),
      ]);
    };
    const one = await guest(main as never);
    const other = await guest(main as never);
    expect(one.log).toEqual(other.log);
    const [[a, b, max, length, int, uuid]] = one.log as [[number, number, number, number, number, string]];
    expect(a).not.toBe(b);
    expect([a >= 0 && a < 1, max, length, int < 5]).toEqual([true, 2, 4, true]);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  });

  it('leaves when its event loop is empty, by the handlers of exit', async () => {
    const { log, code } = await guest(async (note, require, _ports, _argv, { process, setTimeout }) => {
      process.on('beforeExit', () => {
        note('beforeExit');
      });
      process.on('exit', (exitCode) => {
        require('node:fs').writeFileSync('/left', 'yes');
        note(['exit', exitCode, require('node:fs').readFileSync('/left', 'utf8')]);
      });
      setTimeout(() => note('timer'), 50);
      require('node:fs').mkdir('/d', () => note('called'));
      process.exitCode = 3;
    });
    expect(log).toEqual(['called', 'timer', 'beforeExit', ['exit', 3, 'yes']]);
    expect(code).toBe(3);
  });

  it('process.exit ends it there and then', async () => {
    const { log, code } = await guest(async (note, require, _ports, _argv, { process }) => {
      process.on('exit', (exitCode) => note(exitCode));
      try {
        process.exit(4);
      } catch {}
      note('still running');
      try {
        require('node:fs').mkdirSync('/d');
      } catch {}
      require('node:fs').mkdir('/e', () => note('never'));
    });
    expect(log).toEqual([4, 'still running']);
    expect(code).toBe(4);
  });

  it('an uncaught exception runs the handlers of exit, and ends it', async () => {
    for (const how of ['timer', 'callback', 'promise', 'main']) {
      const { log, code, crash } = await guest(
        async (note, require, _ports, _argv, { process, setTimeout }) => {
          process.on('exit', (exitCode) => note(exitCode));
          const fail = () => {
            throw new Error('unlucky');
          };
          if (how === 'main') fail();
          if (how === 'timer') setTimeout(fail, 10);
          if (how === 'callback') require('node:fs').stat('/', fail);
          if (how === 'promise') Promise.resolve().then(fail);
          await new Promise((resolve) => setTimeout(resolve, 100));
        },
      );
      expect([how, log, code, (crash as Error).message]).toEqual([how, [1], 1, 'unlucky']);
    }
  });

  it('an uncaughtException handler lets it continue', async () => {
    const { log, code } = await guest(async (note, _require, _ports, _argv, { process, setTimeout }) => {
      process.on('uncaughtException', (error) => note((error as Error).message));
      setTimeout(() => {
        throw new Error('unlucky');
      }, 10);
      await new Promise((resolve) => setTimeout(resolve, 100));
      note('on');
    });
    expect([log, code]).toEqual([['unlucky', 'on'], 0]);
  });

  it('handles signals as long as it listens', async () => {
    const log: unknown[] = [];
    const program = guestProgram({
      from: import.meta.url,
      async main(_require, _ports, _argv, { process, setTimeout }) {
        let handled = 0;
        const handler = (signal: unknown) => {
          log.push(signal);
          if (++handled === 2) process.removeListener('SIGTERM', handler);
        };
        process.on('SIGTERM', handler);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        log.push('never');
      },
    });
    const killer = guestProgram({
      from: import.meta.url,
      async main(_require, _ports, _argv, { process, setTimeout }) {
        const kill = process.kill as (pid: number, signal?: unknown) => boolean;
        for (let i = 0; i < 3; i++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          log.push(kill(1001, 0));
          kill(1001);
        }
        try {
          kill(1001, 0);
        } catch (error) {
          const { code, syscall, message } = error as NodeJS.ErrnoException;
          log.push([code, syscall, message]);
        }
      },
    });
    await runOnce(scenarioOf({ program, killer }, { faultsForMs: 5_000, machine: { busyMs: 0 } }));
    expect(log).toEqual([true, 'SIGTERM', true, 'SIGTERM', true, ['ESRCH', 'kill', 'kill ESRCH']]);
  });
});
