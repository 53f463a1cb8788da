import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { showReport } from '../../src/cli/actions/show-report.ts';
import { openCommand, openInBrowser } from '../../src/cli/browser.ts';
import { inFolder } from './folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each([
  ['linux', {}, ['xdg-open', 'file:///a']],
  ['darwin', {}, ['open', 'file:///a']],
  ['linux', { BROWSER: 'firefox' }, ['firefox', 'file:///a']],
  ['linux', { BROWSER: 'none' }, null],
] as const)('on %s with %j, a page is opened by %j', (platform, environment, command) => {
  expect(openCommand('file:///a', platform, environment)).toEqual(command);
});

test('in cmd, an ampersand of an address is no separator', () => {
  expect(openCommand('file:///a&b', 'win32', {})).toEqual(['cmd', '/c', 'start', '""', 'file:///a^&b']);
});

test.skipIf(process.platform === 'win32')('the browser gets the address of the file', async () => {
  const folder = inFolder();
  const browser = join(folder, 'browser.sh');
  const told = join(folder, 'told');
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > ${told}.part && mv ${told}.part ${told}\n`);
  chmodSync(browser, 0o755);
  vi.stubEnv('BROWSER', browser);
  await openInBrowser(join(folder, 'a page.html'));
  await expect.poll(() => existsSync(told), { timeout: 60_000 }).toBe(true);
  expect(readFileSync(told, 'utf8')).toBe(`file://${folder}/a%20page.html`);
});

test('without a browser, a note says what to do', async () => {
  vi.stubEnv('BROWSER', '/nowhere/browser');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await openInBrowser('page.html');
  expect(said.mock.calls.join()).toMatch(
    /no browser could be started with \/nowhere\/browser .*ENOENT.*: open page\.html yourself, or set BROWSER/,
  );
});

test('show-report refuses what is no report', async () => {
  const folder = inFolder();
  vi.stubEnv('BROWSER', 'none');
  await expect(showReport(join(folder, 'gone.html'))).rejects.toThrow(
    'Write a report with check --reporter html',
  );
  const other = join(folder, 'other.html');
  writeFileSync(other, '<title>Something else</title>');
  await expect(showReport(other)).rejects.toThrow('is not a page of one-survivor');
});
