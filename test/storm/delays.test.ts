// Delays by strace: which words, which files, and how their first call is known.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { delayed, firstCaller, isTracer, pathsToDelay, withoutTracer } from '../../src/storm/delays.ts';
import type { Alone } from '../../src/storm/order.ts';

const alone = (files: readonly string[]): Alone => ({
  ...{ survivors: 1, hasOwner: true, endpoints: [], pidFiles: [], files },
  ...{ printed: '', exitCode: null, signal: null, settledMs: 100 },
});

it('a tracer is known by its words, and left out of the command', () => {
  const words = [...delayed(['/a', '/b'], 20, '/calls/1'), 'node', 'x.js'];
  expect(isTracer(words)).toBe(true);
  expect(words.join(' ')).toContain('-P /a -P /b -e trace=%file -e inject=%file:delay_exit=20000 node');
  expect(withoutTracer(words)).toEqual(['node', 'x.js']);
  expect(withoutTracer(['taskset', '-c', '0', ...words])).toEqual(['node', 'x.js']);
  expect(isTracer(['strace', '-f', 'node'])).toBe(false);
  expect(withoutTracer(['node', 'x.js'])).toEqual(['node', 'x.js']);
});

it('the files of both starts are delayed once, with the folders that were made for them', () => {
  const files = ['/s/home/a.pid', '/s/home/lock/pid', '/tmp/b.pid'];
  expect(pathsToDelay('/s', [alone(files), alone(files)])).toEqual([
    ...['/s/home/a.pid', '/s/home/lock/pid', '/s/home/lock', '/tmp/b.pid'],
  ]);
});

it('the first call names its process; a signal is no call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'os-calls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, '1');
  expect(firstCaller(file)).toBeNull();
  writeFileSync(file, '31  --- SIGCHLD {si_signo=SIGCHLD} ---\n');
  expect(firstCaller(file)).toBeNull();
  writeFileSync(
    file,
    '31  --- SIGCONT {} ---\n47  access("/a", F_OK) = -1 ENOENT (DELAYED)\n48  open("/a")\n',
  );
  expect(firstCaller(file)).toBe(47);
});
