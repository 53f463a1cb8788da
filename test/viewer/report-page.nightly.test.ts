// The report of a check, from the command to what a person does with it in a browser.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { project, run } from '../cli/run.ts';
import { CHROMIUM, drawn, press, WHY } from './chromium.ts';
import { lowContrasts, namelessControls, unreachedByTab } from './controls.ts';

test.skipIf(CHROMIUM === undefined)(
  `show-report opens what check --reporter html has written${WHY}`,
  async () => {
    const cwd = project();
    const checked = await run(cwd, [
      ...['check', 'violates.mjs', 'passes.mjs', '--seed', '7', '--no-record', '--workers', '1'],
      ...['--reporter', 'html'],
    ]);
    expect(checked.code).toBe(1);
    // A browser that only writes down what it is to open.
    const browser = join(cwd, 'browser.sh');
    const asked = join(cwd, 'asked');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > "${asked}.part" && mv "${asked}.part" "${asked}"\n`);
    chmodSync(browser, 0o755);
    expect((await run(cwd, ['show-report'], { BROWSER: browser })).code).toBe(0);
    await expect.poll(() => existsSync(asked), { timeout: 60_000 }).toBe(true);
    const url = readFileSync(asked, 'utf8').trim();
    expect(url).toMatch(/^file:.*\.one-survivor\/reports\/report\.html$/);

    const chrome = await chromium.launch({
      executablePath: CHROMIUM!,
      chromiumSandbox: process.getuid?.() !== 0,
    });
    try {
      const page = await chrome.newPage({ viewport: { width: 1200, height: 800 }, offline: true });
      await page.goto(url);
      await drawn(page);
      expect(await page.locator('.verdict').textContent()).toBe('✗ 1 of 2 scenarios not as expected');
      const scenarios = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2 }) });
      const names = () => scenarios.getByRole('heading').allInnerTexts();
      expect(await names()).toHaveLength(2);
      await page.getByRole('button', { name: /^Passed 1$/ }).press('Enter');
      expect(await names()).toEqual([expect.stringContaining('fixture/sound/passes')]);
      await page.getByRole('button', { name: /^All 2$/ }).press('Enter');
      await page.getByRole('searchbox').fill('AT MOST ONE');
      expect(await names()).toEqual([expect.stringContaining('fixture/broken/violates')]);
      await page.getByRole('searchbox').fill('in no scenario');
      expect(await page.getByText('no scenario', { exact: true }).isVisible()).toBe(true);
      await page.getByRole('searchbox').fill('');

      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await drawn(page);
        expect.soft(await namelessControls(page), colorScheme).toEqual([]);
        expect.soft(await lowContrasts(page), colorScheme).toEqual([]);
      }
      expect.soft(await unreachedByTab(page)).toEqual([]);

      await page.getByRole('link', { name: 'Step through the run' }).press('Enter');
      const list = page.getByRole('listbox', { name: /^Failing run/ });
      await list.waitFor();
      await press(page, 'e');
      const event = page.locator('.pane.active [role=option][aria-selected=true]');
      expect(await event.getAttribute('aria-label')).toMatch(/violated here: at most one owner/);
      await expect.poll(() => page.url()).toMatch(/#run=0&step=\d+/);
      // The link to this event leads here, too.
      const there = await chrome.newPage({ viewport: { width: 1200, height: 800 }, offline: true });
      await there.goto(page.url());
      await drawn(there);
      expect(
        await there.locator('.pane.active [role=option][aria-selected=true]').getAttribute('aria-label'),
      ).toMatch(/violated here/);
      await there.close();
      await page.getByRole('button', { name: '← Report' }).press('Enter');
      await expect.poll(names).toHaveLength(2);
      await page.goBack();
      await list.waitFor();
    } finally {
      await chrome.close();
    }
  },
);
