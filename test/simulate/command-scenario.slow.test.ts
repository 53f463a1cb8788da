// The scenario of a command: what is seen of one start, and what is found of several.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { baselineOf, commandScenario, ownerSeen, RUNS_AS_IT_IS } from '../../src/simulate/index.ts';
import { commandOf, daemonFile, FILE_DAEMONS } from './daemons.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('a run with one start', () => {
  it('shows the processes that are left, the files that name them, and what was printed', async () => {
    expect(await baselineOf({ file: daemonFile('sync-pid-file') })).toEqual({
      ...{ survivors: 1, processes: 1, endpoints: [], failure: null, exitCode: null },
      ...{ pidFiles: ['/root/.daemon/daemon.pid'], files: ['/root/.daemon/daemon.pid'] },
      printed: expect.stringMatching(/^running \(PID 1001\)\n?$/),
    });
  });

  it('shows that nothing is left, and how it ended', async () => {
    const file = fileOf('ends.js', `console.error('no config'); process.exit(3);`);
    expect(await baselineOf({ file })).toMatchObject({ survivors: 0, exitCode: 3, printed: 'no config' });
  });

  it('shows what the simulation does not have', async () => {
    const { failure } = await baselineOf({
      file: fileOf('native.js', `new (require('worker_threads').Worker)('./other.js');`),
    });
    expect(failure).toMatchObject({
      invariant: RUNS_AS_IT_IS,
      message: expect.stringContaining('worker_threads'),
    });
  });
});

describe('how the owner is known', () => {
  it('is what two starts have in common, one after the other was killed', async () => {
    const file = daemonFile('open-wx');
    expect(await ownerSeen({ file }, await baselineOf({ file }))).toEqual({
      owner: { isNamedIn: '/tmp/daemon.lock' },
      pidFile: '/tmp/daemon.lock',
    });
  });

  it('is not known if each start names itself in another file', async () => {
    const file = daemonFile('open-wx.fixed');
    expect(await ownerSeen({ file }, await baselineOf({ file }))).toEqual({ owner: null, pidFile: null });
  });
});

describe('several starts of a daemon', () => {
  it.each(FILE_DAEMONS)('%s: two are left, without a fault', async (name) => {
    const scenario = commandScenario(await commandOf(daemonFile(name)));
    const { verdict, violations } = await check(scenario, { seed: 1, runs: 300, isolation: false });
    expect(verdict).toBe('violated');
    expect(violations).toMatchObject([
      { invariant: 'exactly one process is left', faults: 0, contenders: 2 },
    ]);
  });

  it.each(FILE_DAEMONS)('%s, fixed: one is left, also after faults', async (name) => {
    const scenario = commandScenario(await commandOf(daemonFile(`${name}.fixed`)));
    const { verdict, struck, survivors, violations } = await check(scenario, {
      seed: 1,
      runs: 100,
      isolation: false,
    });
    expect(violations).toEqual([]);
    expect(verdict).toBe('passed');
    expect(struck.kill).toBeGreaterThan(0);
    expect(struck.stop).toBeGreaterThan(0);
    expect(survivors).toEqual({ least: 0, most: 1 });
  });

  it('a launcher that starts the daemon detached: the daemons count, and two are left', async () => {
    const file = daemonFile('spawn-detached');
    const baseline = await baselineOf({ file });
    expect(baseline).toMatchObject({ survivors: 1, processes: 2, exitCode: 0, failure: null });
    const command = await commandOf(file);
    expect(command.owner).toEqual({ isNamedIn: '/tmp/detached.pid' });
    const { violations } = await check(commandScenario(command), { seed: 1, runs: 300, isolation: false });
    expect(violations).toMatchObject([{ invariant: 'exactly one process is left', faults: 0 }]);
  });

  it('one that believes in a file of a dead process does not recover', async () => {
    const file = fileOf(
      'believes.js',
      `const fs = require('fs');
try {
  fs.writeFileSync('/tmp/believes.pid', String(process.pid), { flag: 'wx' });
  setInterval(() => {}, 10_000);
} catch {}`,
    );
    const command = { file, owner: { isNamedIn: '/tmp/believes.pid' } };
    const { violations } = await check(commandScenario(command), { seed: 1, runs: 300, isolation: false });
    expect(violations).toMatchObject([{ message: 'no process is left; expected 1', faults: 1 }]);
    const without = await check(commandScenario({ ...command, faults: [] }), {
      seed: 1,
      runs: 50,
      isolation: false,
    });
    expect(without.verdict).toBe('passed');
  });
});

describe('when the faults are over', () => {
  it('two start at once: a lock that removes a stale file without looking again is found', async () => {
    const file = fileOf(
      'stale-link.js',
      `const fs = require('fs');
const lock = '/tmp/stale-link.lock';
const mine = lock + '.' + process.pid;
fs.writeFileSync(mine, String(process.pid));
for (;;) {
  try {
    fs.linkSync(mine, lock);
    break;
  } catch {}
  try {
    process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
    process.exit(1);
  } catch {
    fs.rmSync(lock, { force: true });
  }
}
setInterval(() => {}, 200);`,
    );
    // When the killed owner's lock is found by the start after a second, only one has started: nothing races for it before the end.
    const command = { file, starts: 2, faults: ['kill'], faultsForMs: 2_000, settleMs: 1_000 } as const;
    const { violations } = await check(commandScenario(command), { seed: 2, runs: 600, isolation: false });
    expect(violations).toMatchObject([{ invariant: 'exactly one process is left', faults: 1 }]);
  });
});

describe('an owner that is known by a URL', () => {
  const url = 'http://localhost:7450/health?deep=1';
  const found = async (answer: string, owner = url) => {
    const text = `require('http')
  .createServer((request, response) => { ${answer} })
  .on('error', () => process.exit(1))
  .listen(7450);`;
    const command = {
      file: fileOf(`health-${answer.length}.js`, text),
      owner: { answers: owner },
      starts: 1,
      settleMs: 5_000,
    };
    const { verdict, violations } = await check(commandScenario(command), {
      seed: 1,
      runs: 8,
      isolation: false,
    });
    return [verdict, ...violations.map(({ message }) => message)];
  };

  it('is asked for it near the end', async () => {
    const ifAsked = `response.statusCode = request.url === '/health?deep=1' && request.method === 'GET' ? 204 : 404; response.end();`;
    expect(await found(ifAsked)).toEqual(['passed']);
    expect(await found('response.statusCode = 503; response.end();')).toEqual([
      'violated',
      expect.stringMatching(/^health-\d+#\d listens, and GET http:.*deep=1 was answered with 503$/),
    ]);
    expect(await found('')).toEqual(['violated', expect.stringMatching(/ was not answered: ETIMEDOUT$/)]);
  });

  it('is asked again after an answer that was no success', async () => {
    const second =
      'globalThis.asked = (globalThis.asked ?? 0) + 1; response.statusCode = globalThis.asked > 1 ? 200 : 500; response.end();';
    expect(await found(second)).toEqual(['passed']);
  });

  it('is not asked for what is not http', async () => {
    expect(await found('response.statusCode = 503; response.end();', 'ws://localhost:7450/')).toEqual([
      'passed',
    ]);
  });
});

describe('its tokens', () => {
  it('do not depend on where the file is', () => {
    const text = 'setInterval(() => {}, 1_000);';
    const here = commandScenario({ file: fileOf('same.js', text), args: ['start'] });
    const other = mkdtempSync(join(folder, 'other-'));
    writeFileSync(join(other, 'same.js'), text);
    const there = commandScenario({ file: join(other, 'same.js'), args: ['start'] });
    expect([there.id, there.hash]).toEqual([here.id, here.hash]);
    expect(commandScenario({ file: join(other, 'same.js'), args: ['stop'] }).id).not.toBe(here.id);
  });
});
