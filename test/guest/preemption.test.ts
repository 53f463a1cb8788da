/** Synchronous calls of guests are scheduling points: other processes go on before them, and the program is run again from its start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { criticalSwap } from '../../src/check/critical.ts';
import { search, shrink } from '../../src/check/index.ts';
import { SingleCalls } from '../../src/check/single-calls.ts';
import { type GuestOptions, guestProgram, nodeProgram } from '../../src/guest/index.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { atMostOneOwner, type Scenario } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const GUESTS = new URL('../../fixtures/guests/', import.meta.url);
const ALWAYS = Array<number>(200).fill(1);

type Fs = typeof import('node:fs');

/** Three starts of a daemon, which owns if its own guard says so. */
function daemons(name: string): Scenario {
  const program = guestProgram({
    from: GUESTS,
    async main(require, ports) {
      if (!require(`./${name}.cjs`)('/run/daemon')) return;
      ports.mark('own', { token: null });
      await ports.clock.sleep(100);
    },
  });
  return scenarioOf({ program }, { start: [{ program: 'program', count: 3 }], invariants: [atMostOneOwner] });
}

describe('a check and an act that are both synchronous', () => {
  it('are interleaved: two daemons own, in the fewest switches', async () => {
    const scenario = daemons('sync-pid-file');
    const { found } = await search(scenario, { seed: 1, runs: 500 });
    const { schedule, cost } = await shrink(scenario, found!.schedule, found!.failure);
    expect(cost).toMatchObject({ faults: 0, contenders: 2, switches: 2 });
    const once = await runOnce(scenario, schedule);
    expect(once.failure?.invariant).toBe(atMostOneOwner.name);
    expect(await runOnce(scenario, schedule).then(({ events }) => events)).toEqual(once.events);

    // The look of one daemon, and the file that the other one writes.
    const critical = await criticalSwap(scenario, schedule, atMostOneOwner.name);
    const opOf = (step: number) => once.events.find((event) => event.step === step);
    const [first, second] = [opOf(critical!.first.step), opOf(critical!.second.step)];
    expect(first?.process).not.toBe(second?.process);
    expect([first?.op, second?.op].toSorted()).toEqual(['access', 'open']);
  });

  it('are not looked at one by one where a run takes long', async () => {
    const scenario = daemons('sync-pid-file');
    const { found } = await search(scenario, { seed: 1, runs: 500 });
    const { schedule } = found!;
    // After the first look, which comes before the calls: so no pair is searched for.
    const stopsThen = () => {
      let looks = 0;
      return {
        get aborted() {
          return looks++ > 0;
        },
      };
    };
    const choose = vi.spyOn(SingleCalls.prototype, 'choose');
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 200));
    try {
      await criticalSwap(scenario, schedule, atMostOneOwner.name, { stop: stopsThen() });
      expect(choose).not.toHaveBeenCalled();
      clock.mockRestore();
      await criticalSwap(scenario, schedule, atMostOneOwner.name, { stop: stopsThen() });
      expect(choose).toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('are not when the lock is created exclusively', async () => {
    const { found, runs } = await search(daemons('open-wx'), { seed: 1, runs: 200 });
    expect({ found, runs }).toEqual({ found: null, runs: 200 });
  });
});

/** What one process does and sees: with its calls in one step, and with each call in a step of its own. */
async function bothWays(main: GuestOptions['main'], more: Partial<Parameters<typeof scenarioOf>[1]> = {}) {
  let starts = 0;
  const program = guestProgram({
    from: import.meta.url,
    main: (...args) => {
      starts++;
      return main(...args);
    },
  });
  const scenario = scenarioOf({ program }, { crashes: 'allowed', machine: { busyMs: 0 }, ...more });
  const ran = async (preempt: number[]) => {
    starts = 0;
    const { run, events, failure } = await runOnce(scenario, { preempt });
    const [process] = run.world.processes;
    const marks = events.filter(({ op }) => op === 'mark').map(({ args }) => args.name);
    return { marks, failure, code: process!.exitCode, files: run.world.files(), starts };
  };
  const { starts: one, ...whole } = await ran([]);
  const { starts: many, ...preempted } = await ran(ALWAYS);
  expect(one).toBe(1);
  expect(preempted).toEqual(whole);
  return { ...whole, starts: many };
}

describe('a program that is run again after each synchronous call', () => {
  it('sees and does the same: files, clocks, random numbers, timers, its parent, marks, exit code', async () => {
    const { marks, starts, code } = await bothWays(
      async (require, ports, _argv, { process, setTimeout, Date: clock }) => {
        const fs = require('node:fs') as Fs;
        const { randomUUID } = require('node:crypto') as typeof import('node:crypto');
        ports.mark(`begins ${process.ppid} ${clock.now() > 0}`);
        const id = randomUUID();
        fs.mkdirSync('/a/b', { recursive: true });
        fs.writeFileSync('/a/b/id', id);
        await new Promise((resolve) => setTimeout(resolve, 5));
        ports.mark(`same ${fs.readFileSync('/a/b/id', 'utf8') === id}`);
        await fs.promises.writeFile('/a/later', 'x');
        ports.mark(fs.readdirSync('/a').join());
        try {
          fs.statSync('/nothing');
        } catch (error) {
          ports.mark((error as NodeJS.ErrnoException).code!);
        }
        return 3;
      },
    );
    expect(marks).toEqual(['begins 1 true', 'same true', 'b,later', 'ENOENT']);
    expect(code).toBe(3);
    expect(starts).toBeGreaterThan(10);
  });

  it('finds its working directory and mask as at its start', async () => {
    const { marks, files } = await bothWays(async (require, ports, _argv, { process }) => {
      const fs = require('node:fs') as Fs;
      const cwd = process.cwd as () => string;
      const before = (process.umask as (mask?: number) => number)(0o077);
      // A call that differs would end the run.
      fs.mkdirSync(`/work-${before}-${cwd().length}`);
      (process.chdir as (path: string) => void)('/work-18-1');
      fs.writeFileSync('file', '');
      ports.mark(`${cwd()} ${(fs.statSync('file').mode & 0o777).toString(8)}`);
    });
    expect(marks).toEqual(['/work-18-1 600']);
    expect(Object.keys(files)).toContain('/work-18-1/file');
  });

  it('gets the results that it got before, whatever it has done with them', async () => {
    const { marks, files } = await bothWays(async (require, ports) => {
      const fs = require('node:fs') as Fs;
      fs.writeFileSync('/f', 'abc');
      const bytes = fs.readFileSync('/f');
      ports.mark(bytes.toString());
      bytes.fill(0);
      const names = await ports.fs.readdir('/');
      fs.writeFileSync(`/lists-${names.join('-')}`, '');
      names.push('g');
      const self = await ports.process.self();
      fs.writeFileSync(`/${self.pid}`, '');
      self.pid = 1;
      fs.writeFileSync('/g', '');
    });
    expect(marks).toEqual(['abc']);
    expect(files).toHaveProperty('/lists-f');
  });

  it('has no effect while it is unwound: not in finally, not in a catch, not in a loop that tries again', async () => {
    const { files, failure } = await bothWays(async (require, _ports, _argv, { setTimeout }) => {
      const fs = require('node:fs') as Fs;
      const attempt = (): boolean => {
        try {
          fs.writeFileSync('/lock', '', { flag: 'wx' });
          return true;
        } catch {
          fs.promises.mkdir('/caught').catch(() => {});
          fs.appendFileSync('/caught', 'x');
          return false;
        } finally {
          fs.appendFileSync('/finally', 'x');
          fs.promises.appendFile('/later', 'x').catch(() => {});
        }
      };
      while (!attempt()) {}
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          try {
            fs.writeFileSync('/timer', '');
          } catch {
            throw new Error('not written');
          }
          resolve();
        }, 1);
      });
    });
    expect(failure).toBeNull();
    expect(files).toMatchObject({ '/lock': '', '/finally': 'x', '/later': 'x', '/timer': '' });
    expect(files).not.toHaveProperty('/caught');
  });

  it('handles signals and uncaught errors as before', async () => {
    const { marks, code } = await bothWays(async (require, ports, _argv, { process, setTimeout }) => {
      const fs = require('node:fs') as Fs;
      process.on('SIGTERM', () => {
        fs.writeFileSync('/stopped', '');
        ports.mark('stops');
        process.exit(7);
      });
      process.on('uncaughtException', () => ports.mark('caught'));
      setTimeout(() => {
        fs.writeFileSync('/late', '');
        throw new Error('late');
      }, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      (process.kill as (pid: number, signal: string) => void)(process.pid as number, 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect(marks).toEqual(['caught', 'stops']);
    expect(code).toBe(7);
  });

  it.each(['in main', 'in a timer', 'in a promise'])(
    'runs its exit handlers after an uncaught error %s',
    async (where) => {
      const { files, code } = await bothWays(async (require, _ports, _argv, { process, setTimeout }) => {
        const fs = require('node:fs') as Fs;
        fs.writeFileSync('/lock', '');
        process.on('exit', () => {
          fs.unlinkSync('/lock');
          fs.writeFileSync('/left', '');
        });
        if (where === 'in main') throw new Error('boom');
        if (where === 'in a promise') void Promise.reject(new Error('boom'));
        setTimeout(() => {
          throw new Error('boom');
        }, 1);
        await new Promise((resolve) => setTimeout(resolve, 50));
      });
      expect(files).toEqual({ '/left': '' });
      expect(code).toBe(1);
    },
  );

  it('handles an uncaught error with synchronous calls', async () => {
    const { files, code } = await bothWays(async (require, _ports, _argv, { process, setTimeout }) => {
      const fs = require('node:fs') as Fs;
      process.on('uncaughtException', (error: Error) => {
        fs.writeFileSync('/crash.log', error.message);
        process.exit(3);
      });
      setTimeout(() => {
        throw new Error('boom');
      }, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect(files).toEqual({ '/crash.log': 'boom' });
    expect(code).toBe(3);
  });

  it('keeps its mask for the call, and its own arguments for itself', async () => {
    const { marks } = await bothWays(
      async (require, ports, argv, { process }) => {
        const fs = require('node:fs') as Fs;
        const umask = process.umask as (mask: number) => number;
        const old = umask(0o077);
        try {
          fs.writeFileSync('/secret', '');
        } finally {
          umask(old);
        }
        ports.mark((fs.statSync('/secret').mode & 0o777).toString(8));
        const command = ['nothing', 'a'];
        const spawned = ports.process.spawn(command).catch(() => {});
        command.push('b');
        fs.writeFileSync(`/${(argv as string[]).shift()}`, '');
        await spawned;
      },
      { start: [{ program: 'program', argv: ['alpha', 'beta'] }] },
    );
    expect(marks).toEqual(['600']);
  });

  it('has no effect in a loop until something fails, after one until something succeeds', async () => {
    const { files, failure } = await bothWays(async (require) => {
      const fs = require('node:fs') as Fs;
      for (;;) {
        try {
          fs.mkdirSync('/lock');
          break;
        } catch {}
      }
      for (;;) {
        try {
          fs.rmdirSync('/old');
        } catch {
          break;
        }
      }
      fs.writeFileSync('/done', '');
    });
    expect(failure).toBeNull();
    expect(files).toEqual({ '/lock': null, '/done': '' });
  });

  it('is not run again once its call has ended it', async () => {
    const { starts, failure, files } = await bothWays(async (require, _ports, _argv, { process }) => {
      const fs = require('node:fs') as Fs;
      fs.writeFileSync('/a', '');
      (process.kill as (pid: number, signal: string) => void)(process.pid as number, 'SIGKILL');
      fs.writeFileSync('/b', '');
    });
    expect(failure).toBeNull();
    expect(files).toEqual({ '/a': '' });
    // Once more after the open, the write and the close; not after the kill.
    expect(starts).toBe(4);
  });

  it('says that it cannot be interrupted if it catches whatever is thrown', async () => {
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const fs = require('node:fs') as Fs;
        let fd: number | undefined;
        while (fd === undefined) {
          try {
            fd = fs.openSync('/file', 'w');
          } catch {}
        }
      },
    });
    const { failure } = await runOnce(scenarioOf({ program }), { preempt: [1] }, 200);
    expect(failure).toMatchObject({
      invariant: BUILT_IN['never-yields'],
      message: expect.stringContaining('This is a limit of the simulation, not a fault of the program'),
    });
  });

  it('may be killed before the call', async () => {
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const fs = require('node:fs') as Fs;
        fs.writeFileSync('/a', '');
        fs.writeFileSync('/b', '');
      },
    });
    const scenario = scenarioOf({ program }, { faults: { kill: 1 }, machine: { busyMs: 0 } });
    const outcomes = new Set<string>();
    for (let at = 0; at < 12; at++) {
      const fault = [...Array<number>(at).fill(0), 1];
      const { run, failure } = await runOnce(scenario, { fault, preempt: ALWAYS });
      expect(failure).toBeNull();
      outcomes.add(
        Object.keys(run.world.files())
          .filter((name) => /^\/[ab]$/.test(name))
          .join(),
      );
    }
    expect([...outcomes].toSorted()).toEqual(['', '/a', '/a,/b']);
  });

  it('gets no other result before the call has happened', async () => {
    const program = guestProgram({
      from: import.meta.url,
      async main(require, ports, _argv, { setTimeout }) {
        const fs = require('node:fs') as Fs;
        let timerFired = false;
        const timer = new Promise<void>((resolve) => {
          setTimeout(() => {
            timerFired = true;
            resolve();
          }, 1);
        });
        const read = fs.promises.readdir('/').then(() => ports.mark('read'));
        fs.mkdirSync('/a');
        ports.mark(`made ${timerFired}`);
        await Promise.all([timer, read]);
      },
    });
    // The listing was asked for first, so it would happen first.
    const { events, failure } = await runOnce(scenarioOf({ program }), { preempt: ALWAYS });
    expect(failure).toBeNull();
    const marks = events.filter(({ op }) => op === 'mark');
    expect(marks.map(({ args }) => args.name)).toEqual(['made false', 'read']);
  });

  it('asks for something else: the run ends, and names the first operation that differs', async () => {
    let times = 0;
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const fs = require('node:fs') as Fs;
        const later = times++ === 0 ? fs.promises.mkdir('/a') : fs.promises.rmdir('/a');
        fs.writeFileSync('/b', '');
        await later;
      },
    });
    const { failure } = await runOnce(scenarioOf({ program }), { preempt: [1] });
    expect(failure).toMatchObject({
      invariant: BUILT_IN.nondeterministic,
      message:
        'program#1 was run again with the same results, and did something else: mkdir before, and now rmdir',
    });
  });

  it('does something else: the run ends, and names the first call that differs', async () => {
    let times = 0;
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const fs = require('node:fs') as Fs;
        fs.writeFileSync(`/file-${times++}`, '');
      },
    });
    const { failure } = await runOnce(scenarioOf({ program }), { preempt: [0, 1] });
    expect(failure).toMatchObject({
      invariant: BUILT_IN.nondeterministic,
      message:
        'program#1 was run again with the same results, and did something else: open /file-0 before, and now open /file-1',
    });
  });
});

describe('an exception that ends the process', () => {
  it('is printed by a call before which others go on: the process ends once it is printed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'preemption-'));
    try {
      const file = join(folder, 'throws.cjs');
      const text = `if (process.argv[2]) process.nextTick(() => { throw new Error('it fails'); });
else
  require('child_process')
    .spawn(process.execPath, [__filename, 'child'], { stdio: 'ignore' })
    .on('exit', (code) => console.log('ended with ' + code));`;
      writeFileSync(file, text);
      const scenario = scenarioOf({ program: nodeProgram(file) }, { crashes: 'allowed' });
      const { events, failure } = await runOnce(scenario, { preempt: ALWAYS });
      expect(failure).toBeNull();
      expect(events.flatMap(({ op, args }) => (op === 'log' ? [args.text] : []))).toEqual(['ended with 1']);
      const written = events.filter(
        ({ op, args }) => op === 'write' && String(args.data).includes('it fails'),
      );
      expect(written).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
