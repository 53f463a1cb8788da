/** What an unmodified program reads below /proc. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'proc-files-')));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the last expression of some code is, in a simulated process. */
async function resultOf(code: string): Promise<unknown> {
  const file = path.join(folder, `${Math.random()}.cjs`);
  const head = `const fs = require('fs'); const text = (p) => fs.readFileSync(p, 'utf8'); const code = (f) => { try { f(); return 'none'; } catch (e) { return e.code ?? e.message; } };`;
  writeFileSync(file, `${head}(async () => JSON.stringify(await (${code})))().then(console.log);`);
  const { events, failure } = await runOnce(scenarioOf({ program: nodeProgram(file, { args: ['--flag'] }) }));
  expect(failure).toBeNull();
  return JSON.parse(String(events.find(({ op }) => op === 'log')!.args.text));
}

it('has the command line of a process, as the process table has it', async () => {
  expect(await resultOf(`text('/proc/' + process.pid + '/cmdline').split('\\0').slice(-2)`)).toEqual([
    '--flag',
    '',
  ]);
  expect(await resultOf(`text('/proc/self/cmdline') === [...process.argv, ''].join('\\0')`)).toBe(true);
  expect(
    await resultOf(`fs.promises.readFile('/proc/self/cmdline', 'latin1').then((t) => t.length > 10)`),
  ).toBe(true);
});

it('has the parent and the start of a process in stat and status', async () => {
  expect(
    await resultOf(
      `(() => { const f = text('/proc/self/stat').split(' '); return [+f[0] === process.pid, f[2], +f[3] === process.ppid, +f[21] > 0, f.length]; })()`,
    ),
  ).toEqual([true, 'S', true, true, 52]);
  expect(await resultOf(`/^PPid:\\t(.*)$/m.exec(text('/proc/self/status'))[1] == process.ppid`)).toBe(true);
});

it('has no file of a process that does not exist, and lists those that do', async () => {
  expect(
    await resultOf(
      `[code(() => text('/proc/77777/cmdline')), fs.existsSync('/proc/77777'), fs.existsSync('/proc/' + process.pid), fs.readdirSync('/proc').includes(String(process.pid)), fs.readlinkSync('/proc/self') == process.pid]`,
    ),
  ).toEqual(['ENOENT', false, true, true, true]);
});

it('has the ID of the boot and the uptime', async () => {
  expect(
    await resultOf(
      `[text('/proc/sys/kernel/random/boot_id').trim().length, +text('/proc/uptime').split(' ')[0] > 0]`,
    ),
  ).toEqual([36, true]);
});

it('cannot be written, and refuses what is not simulated by its name', async () => {
  expect(await resultOf(`code(() => fs.writeFileSync('/proc/self/stat', 'x'))`)).toBe('EACCES');
  expect(await resultOf(`code(() => text('/proc/net/tcp'))`)).toContain(
    'the file /proc/net/tcp is not simulated',
  );
});
