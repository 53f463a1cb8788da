import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageData } from '../../src/report/page/index.ts';
import { CHROMIUM, type PageOptions, Pages, press, WHY } from './chromium.ts';
import { hostileScenario, longPage, pageOf, recordedPage } from './pages.ts';

const WIDE = { width: 1400, height: 700 };

describe.skipIf(CHROMIUM === undefined)(`the viewer in Chromium${WHY}`, () => {
  let pages: Pages;
  let naive: PageData;

  beforeAll(async () => {
    pages = await Pages.start();
    naive = await recordedPage('model/naive/cold-start');
  });

  afterAll(() => pages?.end());

  const open = (data: PageData, options: PageOptions = {}) =>
    pages.open(data, { viewport: WIDE, ...options });

  /** What is selected in the run that has the focus, in words. */
  const selected = (page: Page) =>
    page.locator('.pane.active [role=option][aria-selected=true]').getAttribute('aria-label');

  it('opens from disk at the second critical event, without requests', async () => {
    const { page, wrong, asked } = await open(naive);
    expect(await selected(page)).toMatch(/write \/state\/lock ← .*② of the two events whose order decides/);
    expect(wrong).toEqual([]);
    expect(asked.filter((url) => !/^(?:file|data):/.test(url))).toEqual([]);
    expect(await page.title()).toBe('model/naive/cold-start · one-survivor');
    await page.close();
  });

  it('keys move forward and back, and show the state of the machine', async () => {
    const { page } = await open(naive, { viewport: { width: 1200, height: 700 } });
    const files = page.getByRole('region', { name: 'Files' });
    await press(page, '1');
    expect(await selected(page)).toMatch(/read \/state\/lock → "".*① of the two/);
    expect(await files.textContent()).toContain('empty');
    await press(page, 'e');
    expect(await selected(page)).toMatch(/★ own; ✗ violated here: at most one owner/);
    expect(await page.getByRole('region', { name: 'Processes' }).textContent()).toMatch(
      /★ owner[\s\S]*★ owner/,
    );
    await press(page, 'ArrowUp');
    await press(page, 'k');
    const back = await selected(page);
    await press(page, 'j');
    await press(page, 'ArrowUp');
    expect(await selected(page)).toBe(back);
    await press(page, 'Home');
    expect(await files.textContent()).not.toContain('/state/lock');
    await press(page, 'ArrowUp');
    await press(page, 'End');
    expect(await selected(page)).toMatch(/violated here/);
    await page.close();
  });

  it('shows both runs side by side in sync', async () => {
    const { page } = await open(naive);
    const lists = page.getByRole('listbox');
    expect(await lists.count()).toBe(2);
    await press(page, '2');
    const both = page.locator('[role=option][aria-selected=true]');
    for (const label of await both.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')))) {
      expect(label).toContain('② of the two events');
    }
    await press(page, 'ArrowRight');
    expect(await page.locator('.pane.active').getAttribute('aria-label')).toMatch(/^Passing run/);
    await press(page, 'c');
    expect(await lists.count()).toBe(1);
    await page.close();
  });

  it('keeps the selected event visible, even with more processes than fit', async () => {
    const { page } = await open(await recordedPage('mcporter/after/frozen-holder'), {
      viewport: { width: 800, height: 600 },
    });
    for (const key of ['1', '2', 'Home', 'End', 'e']) {
      await press(page, key);
      const box = (await page.locator('.row.selected .event').boundingBox())!;
      const list = (await page.locator('.scroller').boundingBox())!;
      expect(box.x, key).toBeGreaterThanOrEqual(list.x);
      expect(box.x + box.width, key).toBeLessThanOrEqual(list.x + list.width);
      expect(box.y, key).toBeGreaterThanOrEqual(list.y);
      expect(box.y + box.height, key).toBeLessThanOrEqual(list.y + list.height + 1);
    }
    await page.close();
  });

  it('shows both ends of an arrow if they fit', async () => {
    const { page } = await open(await recordedPage('openchrome/after/orphan-answers'), {
      viewport: { width: 3_000, height: 900 },
    });
    await press(page, '2');
    const pane = page.locator('.pane.active');
    const fault = (await pane.locator('.row.selected .event').boundingBox())!;
    const arrow = (await pane.locator('.row.selected .arrow').boundingBox())!;
    const claim = (await pane.locator('.row.selected .claim').boundingBox())!;
    const time = (await pane.locator('.row.selected .ms').boundingBox())!;
    expect(fault.x + fault.width).toBeLessThanOrEqual(claim.x);
    expect(arrow.x).toBeGreaterThanOrEqual(time.x + time.width);
    await page.close();
  });

  it('can be used with a screen reader', async () => {
    const { page } = await open(naive);
    const list = page.getByRole('listbox', { name: /^Failing run/ });
    expect(await page.evaluate(`document.activeElement.getAttribute('aria-label')`)).toMatch(/^Failing run/);
    const active = await list.getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true');
    const option = page.locator(`#${active}`);
    expect(await option.getAttribute('aria-setsize')).toBe(String(naive.traces[0]!.rows.length));
    // Where the list has the focus its option is read out: said once more, it would be heard twice.
    expect(await page.getByRole('status').textContent()).toBe('');
    const before = await selected(page);
    await page.getByRole('button', { name: '↑ Back' }).click();
    await expect.poll(() => selected(page)).not.toBe(before);
    expect(await page.getByRole('status').textContent()).toBe(await selected(page));
    await list.focus();
    await press(page, '2');
    expect(await page.getByRole('status').textContent()).toBe('');
    // The content of the claim is shown where it changes.
    await press(page, 'n');
    await press(page, 'p');
    await press(page, 'p');
    expect(await selected(page)).not.toContain('the claim');
    await press(page, 'ArrowUp');
    await press(page, 'ArrowUp');
    expect(await selected(page)).toMatch(/write \/state\/lock ← "\d+"; the claim: \d+$/);
    await press(page, '2');
    // Which of two runs: no two regions have one name.
    const names = await page
      .getByRole('region')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(names.length);
    const levels = await page.locator('h1, h2, h3').evaluateAll((all) => all.map((each) => each.tagName));
    expect(levels.slice(0, 3)).toEqual(['H1', 'H2', 'H3']);
    for (const button of await page.getByRole('button').all()) {
      const name = (await button.getAttribute('aria-label')) ?? (await button.textContent());
      expect(name?.trim()).not.toBe('');
    }
    // All of it is reached by Tab, and nothing holds it fast.
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await press(page, 'Tab');
      seen.add(String(await page.evaluate(`document.activeElement.textContent.trim().slice(0, 20)`)));
    }
    expect([...seen].join()).toMatch(/Table/);
    await press(page, 't');
    const table = page.getByRole('table', { name: /^Failing run/ });
    expect(await table.getByRole('columnheader').allInnerTexts()).toContain('what happened');
    expect(await table.locator('tbody tr').count()).toBe(naive.traces[0]!.rows.length);
    expect(await table.locator('tr[aria-current=true]').textContent()).toContain('② of the two events');
    await page.close();
  });

  it('shows its keys and its table on a narrow screen', async () => {
    const { page } = await open(naive, { viewport: { width: 420, height: 800 } });
    await page.getByText('Keys', { exact: true }).click();
    const keys = (await page.locator('.help dl').boundingBox())!;
    expect(keys.x).toBeGreaterThanOrEqual(0);
    expect(keys.x + keys.width).toBeLessThanOrEqual(420);
    await page.getByText('Keys', { exact: true }).click();
    for (const key of ['t', 'Home', 'End']) {
      await press(page, key);
      const row = (await page.locator('tr.selected').boundingBox())!;
      const head = (await page.locator('.table-view thead').boundingBox())!;
      const view = (await page.locator('.table-view').boundingBox())!;
      expect(row.y, key).toBeGreaterThanOrEqual(head.y + head.height - 1);
      expect(row.y + row.height, key).toBeLessThanOrEqual(view.y + view.height + 1);
    }
    await page.close();
  });

  it('follows the light or dark setting', async () => {
    const ground = async (colorScheme: 'light' | 'dark') => {
      const { page } = await open(naive, { colorScheme });
      const color = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const picture = await page.screenshot();
      await page.close();
      return { color, bytes: picture.length };
    };
    const light = await ground('light');
    const dark = await ground('dark');
    expect(light.color).toBe('rgb(255, 255, 255)');
    expect(dark.color).not.toBe(light.color);
    // More than an empty page.
    expect(light.bytes).toBeGreaterThan(20_000);
  });

  it('shows hostile names and contents as text', async () => {
    const { page, wrong } = await open(await pageOf(hostileScenario));
    for (const key of ['Home', ...Array.from({ length: 30 }, () => 'ArrowDown'), 't', 'Home', 'End'])
      await press(page, key);
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
    expect(await page.locator('img, svg').count()).toBe(0);
    const text = await page.locator('#root').textContent();
    expect(text).toContain('<img src=x onerror=');
    expect(text).not.toMatch(/[\u0000\u001b\u2028\u202e\u2066]/);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('steps through 50,000 events without lag', async () => {
    const long = longPage(naive, 50_000);
    expect(long.traces[0]!.rows.length).toBe(50_000);
    const { page } = await open(long);
    expect(await page.locator('[role=option]').count()).toBeLessThan(120);
    /** Each key until it is painted; the median, in milliseconds. */
    const medianMs = async (key: string): Promise<number> => {
      const times = await page.evaluate<number[]>(`(async () => {
        const times = [];
        for (let i = 0; i < 31; i++) {
          const began = performance.now();
          document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }));
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          times.push(performance.now() - began);
        }
        return times;
      })()`);
      return times.sort((a, b) => a - b)[15]!;
    };
    for (const key of ['ArrowDown', 'PageDown', 'ArrowUp', 'End']) {
      // A key that means nothing: what a frame takes now, on a machine that may have other things to do.
      const limitMs = Math.max(150, 3 * (await medianMs('F20')));
      expect(await medianMs(key), key).toBeLessThan(limitMs);
    }
    expect(await selected(page)).toContain('event 49999');
    await page.evaluate(`document.querySelector('.scroller').scrollTo(0, 100_000)`);
    await page.locator('[aria-posinset="3850"]').waitFor();
    await page.close();
  });
});
