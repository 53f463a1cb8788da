import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { check, replaySchedule } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { BUILT_IN, emptySchedule } from '../../src/run/index.ts';
import { always, eventually, type ScenarioOptions } from '../../src/scenario/index.ts';
import { importModule, scenariosIn } from '../../src/scenario/modules.ts';
import { frameIn, placeIn } from '../../src/scenario/source-location.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** Where a crash, a wait without end or a forgotten `await` is in people's code. */

/** The lines of this file on which a program has a comment with this name. */
const HERE = 'test/scenario/source-location.slow.test.ts';
const SOURCE = readFileSync(import.meta.filename, 'utf8').split('\n');
const lineOf = (name: string): string =>
  `${HERE}:${SOURCE.findIndex((line) => line.endsWith(`// ${name}`)) + 1}:`;

const replayOf = (program: Program, options: Partial<ScenarioOptions> = {}) =>
  replaySchedule(scenarioOf({ daemon: program }, options), emptySchedule());

const folder = mkdtempSync(path.join(tmpdir(), 'places-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a crash', () => {
  it('of a mistake in the program has its place, in the message too', async () => {
    const { failure } = await replayOf(async ({ clock }) => {
      await clock.sleep(1);
      (undefined as unknown as string).trim(); // mistake
    });
    expect(failure?.invariant).toBe(BUILT_IN.crash);
    expect(failure?.at).toContain(lineOf('mistake'));
    expect(failure?.message).toMatch(/^daemon#1: TypeError: .*, at \S+$/);
    expect(failure?.message).toContain(failure?.at);
  });

  it('of an operation that fails has the place of its call', async () => {
    const { failure } = await replayOf(async ({ clock, fs }) => {
      await clock.sleep(1);
      await fs.writeFile('/nowhere/a', 'text'); // call
    });
    expect(failure?.message).toContain(
      "ENOENT: no such file or directory, open '/nowhere/a' (the simulated machine has no folder /nowhere: ",
    );
    expect(failure?.at).toContain(lineOf('call'));
  });

  it('of a later operation of a call, too', async () => {
    const { failure } = await replayOf(
      async ({ clock, fs }) => {
        await clock.sleep(1);
        await fs.writeFile('/a', 'too long'); // too long
      },
      { machine: { capacityBytes: 2 } },
    );
    expect(failure?.message).toContain('ENOSPC');
    expect(failure?.at).toContain(lineOf('too long'));
  });

  it('of an operation that is not awaited has a place', async () => {
    const { failure } = await replayOf(async ({ clock, fs }) => {
      void fs.readFile('/nowhere'); // floating
      await clock.sleep(10);
    });
    expect(failure?.at).toContain(lineOf('floating'));
  });

  it('has no place in its trace: paths differ between machines', async () => {
    const { events } = await replayOf(async () => {
      throw new Error('oh no');
    });
    expect(events.at(-1)?.args).toEqual({ crash: 'Error: oh no' });
  });

  it('is reported by a check with its place', async () => {
    const scenario = scenarioOf({ daemon: async ({ fs }) => void (await fs.readFile('/nowhere')) }); // read
    const report = await check(scenario, { seed: 1, runs: 5 });
    expect(report.violations[0]?.at).toContain(lineOf('read'));
  });

  it('in TypeScript has the line of the source', async () => {
    const file = path.join(folder, 'scenario.ts');
    const index = pathToFileURL(path.resolve(import.meta.dirname, '../../src/scenario/index.ts')).href;
    writeFileSync(
      file,
      [
        `import { scenario } from ${JSON.stringify(index)};`,
        'interface Claim {',
        '  pid: number;',
        '}',
        'const daemon = async (): Promise<void> => {',
        '  const claim = null as unknown as Claim;',
        '  claim.pid.toString();',
        '};',
        `export default scenario({ id: 'a/b/c', programs: { daemon }, start: [{ program: 'daemon' }], invariants: [] });`,
      ].join('\n'),
    );
    const [scenario] = scenariosIn(await importModule(pathToFileURL(file).href));
    expect((await runOnce(scenario!)).failure?.at).toMatch(/scenario\.ts:7:\d+$/);
  });
});

describe('an invariant that throws', () => {
  it.each([always, eventually])('has its place', async (kind) => {
    const broken = kind('broken', () => {
      throw new TypeError('no such thing'); // broken
    });
    const { failure } = await replayOf(async ({ clock }) => clock.sleep(1), { invariants: [broken] });
    expect(failure?.invariant).toBe('broken');
    expect(failure?.at).toContain(lineOf('broken'));
  });
});

describe('a process that waits for ever', () => {
  it('is reported with the line that waits', async () => {
    const { failure } = await replayOf(async ({ clock }) => {
      await clock.sleep(1);
      await new Promise(() => {}); // waits
    });
    expect(failure?.invariant).toBe(BUILT_IN.deadlock);
    expect(failure?.message).toContain(`; it waits at ${failure?.at}`);
    expect(failure?.at).toContain(lineOf('waits'));
  });

  it('among several promises, too', async () => {
    const { failure } = await replayOf(async ({ clock }) => {
      const never = new Promise(() => {});
      await clock.sleep(1);
      await Promise.all([clock.sleep(2), never]); // all
    });
    expect(failure?.at).toContain(lineOf('all'));
  });

  it('names what it has started outside the simulation', async () => {
    const { FSReqCallback } = processBinding();
    const { failure } = await replayOf(async () => {
      const request = new FSReqCallback(); // real
      const result = new Promise((resolve) => {
        request.oncomplete = resolve;
      });
      await result; // result
    });
    expect(failure?.message).toContain('it has started a FSREQCALLBACK at ');
    expect(failure?.message).toContain('whose result comes from outside the simulation');
    expect(failure?.message).toContain(lineOf('real'));
    expect(failure?.at).toContain(lineOf('result'));
  });
});

/** Something that makes an asynchronous resource of Node's, whatever else is guarded. */
function processBinding(): { FSReqCallback: new () => { oncomplete: unknown } } {
  return (process as unknown as { binding(name: string): never }).binding('fs');
}

describe('a program that does not yield', () => {
  it('has the place of its loop', async () => {
    const scenario = scenarioOf({
      daemon: async ({ clock }) => {
        await clock.sleep(1);
        for (;;) {}
      },
    });
    const { failure } = await replaySchedule(scenario, emptySchedule(), 300);
    expect(failure?.invariant).toBe(BUILT_IN['never-yields']);
    // Of what vitest has made of the file: the lines are not those of the source.
    expect(failure?.at).toMatch(/source-location\.slow\.test\.ts:\d+$/);
    expect(failure?.message).toBe(
      `daemon#1 did not yield for 300 ms of real time; it was running ${failure?.at}`,
    );
  });
});

describe('an operation that is not awaited', () => {
  const forgets: Program = async ({ fs, mark }) => {
    void fs.writeFile('/a', 'text'); // forgets
    mark('own');
  };

  it('is noted if its process ends before it, once, with the place', async () => {
    const { notes, failure } = await replayOf(forgets);
    expect(failure).toBeNull();
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^daemon ended before its .* had happened \(requested at .*\): /);
    expect(notes[0]).toContain(lineOf('forgets'));
  });

  it('is noted by a check that passes', async () => {
    const report = await check(scenarioOf({ daemon: forgets }), { seed: 1, runs: 5 });
    expect(report.verdict).toBe('passed');
    expect(report.notes?.[0]).toContain(lineOf('forgets'));
  });

  it('is not noted if it only waits or looks, or if a signal has ended the process', async () => {
    const beats: Program = async ({ clock, fs }) => {
      void clock.sleep(1_000);
      void fs.stat('/');
    };
    expect((await replayOf(beats)).notes).toEqual([]);
    const killed: Program = async ({ process, fs }) => {
      const { pid } = await process.self();
      void fs.writeFile('/a', 'text');
      await process.kill(pid, 'SIGKILL');
    };
    expect((await replayOf(killed)).notes).toEqual([]);
  });

  it('is not noted if it has happened', async () => {
    const awaits: Program = async ({ fs }) => fs.writeFile('/a', 'text');
    expect((await replayOf(awaits)).notes).toEqual([]);
  });
});

describe('a place in a stack', () => {
  const stack = (...frames: string[]) =>
    placeIn(['Error: a', ...frames.map((frame) => `    at ${frame}`)].join('\n'));
  const own = path.resolve('races/lock.mjs');

  it.each([
    ['a function', `acquire (${own}:3:5)`],
    ['an asynchronous one', `async acquire (file://${own}:3:5)`],
    ['no function', `${own}:3:5`],
    ['no function, asynchronous', `async file://${own}:3:5`],
    ['a module that is loaded once more', `async file://${own}?again=1:3:5`],
    ['a method with an alias', `Object.run [as happened] (${own}:3:5)`],
  ])('of %s, from the working directory', (_, frame) => {
    expect(
      stack('node:internal/async_hooks:202:43', `x (${path.resolve('src/ports/fs.ts')}:9:9)`, frame),
    ).toBe('races/lock.mjs:3:5');
  });

  it('is one in a package only if there is no other', () => {
    expect(stack('a (/p/node_modules/b/c.js:1:2)', `b (${own}:3:5)`)).toBe('races/lock.mjs:3:5');
    expect(stack('a (/p/node_modules/b/c.js:1:2)')).toBe('/p/node_modules/b/c.js:1:2');
    expect(stack('a (node:fs:1:2)')).toBeNull();
  });

  it('is not in the message', () => {
    expect(placeIn(`Error: at /etc/passwd:1:2\n    at ${own}:3:5`, 'at /etc/passwd:1:2')).toBe(
      'races/lock.mjs:3:5',
    );
  });
});

describe('a frame of this package', () => {
  const src = path.resolve(import.meta.dirname, '../../src');
  const fileOf = (file: string) =>
    frameIn(`    at f (${src}/${file}:1:2)\n    at g (/people/own.ts:3:4)`)?.file;

  it.each([
    'report/table.ts',
    'node/files.ts',
    'project/token-store.ts',
    'chaos/race.ts',
    'mutants/index.ts',
  ])("is not in people's code: %s", (file) => expect(fileOf(file)).toBe('/people/own.ts'));

  it.each(['systems/naive/lock.ts', 'model/claim.ts', 'owner/index.ts'])('is that of a program: %s', (file) =>
    expect(fileOf(file)).toBe(`${src}/${file}`),
  );
});
