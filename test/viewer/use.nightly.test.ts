// What a person does with the page of a run, and what is on the screen then.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageData } from '../../src/report/page/index.ts';
import { CHROMIUM, drawn, type PageOptions, Pages, press, WHY } from './chromium.ts';
import { lowContrasts, namelessControls, unreachedByTab } from './controls.ts';
import { longPage, recordedPage } from './pages.ts';

const WIDE = { width: 1200, height: 700 };

describe.skipIf(CHROMIUM === undefined)(`using the page of a run in Chromium${WHY}`, () => {
  let pages: Pages;
  let naive: PageData;
  let chrome: PageData;

  beforeAll(async () => {
    pages = await Pages.start();
    naive = await recordedPage('model/naive/cold-start');
    chrome = await recordedPage('openchrome/after/orphan-answers');
  });

  afterAll(() => pages?.end());

  const open = (data: PageData, hash = '', options: PageOptions = {}) =>
    pages.open(data, { viewport: WIDE, ...options }, hash);

  const selected = (page: Page) =>
    page.locator('.pane.active [role=option][aria-selected=true]').getAttribute('aria-label');
  const shown = (page: Page) =>
    page
      .locator('.pane.active')
      .locator('[role=option]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
  const found = (page: Page) => page.locator('.search').getByRole('status').textContent();
  /** The address follows a moment later. */
  const address = (page: Page) => expect.poll(() => new URL(page.url()).hash);

  it('search: the slash key, the number of events found, forward and back, and away again', async () => {
    const { page, wrong } = await open(naive);
    await press(page, '/');
    await page.keyboard.type('UNLINK');
    await drawn(page);
    const texts = naive.traces[0]!.rows.map(({ text }) => text);
    const count = texts.filter((text) => text.startsWith('unlink')).length;
    expect(count).toBeGreaterThan(0);
    expect(await found(page)).toMatch(new RegExp(`\\b${count} found$`));
    await press(page, 'Enter');
    expect(await selected(page)).toMatch(/unlink/);
    const first = await selected(page);
    expect(await found(page)).toMatch(new RegExp(`^\\d+ of ${count} found$`));
    await press(page, 'Shift+Enter');
    await press(page, 'Enter');
    expect(await selected(page)).toBe(first);
    await page.getByRole('button', { name: 'Previous event found' }).click();
    await page.getByRole('button', { name: 'Next event found' }).click();
    await drawn(page);
    expect(await selected(page)).toBe(first);
    await address(page).toMatch(/search=UNLINK/);
    await press(page, 'Escape');
    // The keys of the list work again.
    await press(page, 'Home');
    expect(await selected(page)).not.toBe(first);
    await press(page, '/');
    await page.keyboard.type(' in no event');
    await drawn(page);
    expect(await found(page)).toBe('not found');
    expect(await page.getByRole('button', { name: 'Next event found' }).isDisabled()).toBe(true);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('filters: by keyboard, said in the page and in its address, and all events back', async () => {
    const { page } = await open(naive);
    const all = (await shown(page)).length;
    await page.getByText('Filter', { exact: true }).focus();
    await press(page, 'Enter');
    await page.getByRole('checkbox', { name: 'reads, stats and clocks' }).press('Space');
    await drawn(page);
    expect(await page.getByText('Filter (1)').isVisible()).toBe(true);
    const labels = await shown(page);
    expect(labels.length).toBeLessThan(all);
    const reads = labels.filter((label) => /: read /.test(label));
    // ① is a read, and decides.
    expect(reads).toHaveLength(1);
    expect(reads[0]).toMatch(/① of the two/);
    const hidden = page.locator('.filtered');
    expect(await hidden.textContent()).toMatch(
      new RegExp(`^\\s*${all - labels.length} of ${all} events are hidden by the filter`),
    );
    await address(page).toMatch(/hide=reads/);
    await page.getByRole('checkbox', { name: 'marks (★)' }).check();
    await drawn(page);
    const marks = await shown(page);
    expect(marks.filter((label) => !/★|of the two events/.test(label))).toEqual([]);
    expect(marks.filter((label) => /[①②] of the two/.test(label))).toHaveLength(2);
    await press(page, 'Escape');
    expect(await page.getByRole('checkbox', { name: 'marks (★)' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'show all' }).click();
    await drawn(page);
    expect(await shown(page)).toHaveLength(all);
    await address(page).not.toMatch(/hide|only/);
    await page.close();
  });

  it('filters: a process, a path, and an address that has them', async () => {
    const { page } = await open(naive, '#step=3&path=/state/lock&without=worker%231');
    const labels = await shown(page);
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.filter((label) => !label.includes('/state/lock') || /worker#1:/.test(label))).toEqual([]);
    await page.getByText('Filter (2)').click();
    expect(await page.getByLabel('Part of a path').inputValue()).toBe('/state/lock');
    expect(await page.getByRole('checkbox', { name: 'worker#1' }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'none' }).click();
    await drawn(page);
    expect(await shown(page)).toEqual([]);
    expect(await page.locator('.filtered').textContent()).toContain('the selected one too');
    await page.getByRole('button', { name: 'Show all events' }).click();
    await drawn(page);
    expect(await shown(page)).toHaveLength(naive.traces[0]!.rows.length);
    await page.close();
  });

  it('zoom: keys, buttons and dragging show a part of the run, with the selected event in it', async () => {
    const { page } = await open(longPage(naive, 2_000));
    const cursor = async () => (await page.locator('.overview .cursor').boundingBox())!.x;
    const strip = (await page.locator('.overview .strip').boundingBox())!;
    const out = page.getByRole('button', { name: 'Zoom out' });
    const whole = page.getByRole('button', { name: 'The whole run' });
    const picture = async () => (await page.locator('.overview').screenshot()).toString('base64');
    expect([await out.isDisabled(), await whole.isDisabled()]).toEqual([true, true]);
    const before = await picture();
    await press(page, 'Home');
    await press(page, '+');
    await press(page, '+');
    expect(await out.isDisabled()).toBe(false);
    expect(await picture()).not.toBe(before);
    // What is selected out of sight comes into view.
    await press(page, 'End');
    const x = await cursor();
    expect(x).toBeGreaterThan(strip.x);
    expect(x).toBeLessThanOrEqual(strip.x + strip.width);
    await press(page, '0');
    expect(await whole.isDisabled()).toBe(true);
    // Dragging zooms to a part; a click there goes to an event of that part.
    const y = strip.y + strip.height / 2;
    await page.mouse.move(strip.x + strip.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await drawn(page);
    expect(await whole.isDisabled()).toBe(false);
    await page.mouse.click(strip.x + strip.width * 0.5, y);
    await drawn(page);
    const at = Number(await page.locator('.strip').getAttribute('aria-valuenow'));
    expect(at).toBeGreaterThan(850);
    expect(at).toBeLessThan(1_250);
    await whole.click();
    expect(await whole.isDisabled()).toBe(true);
    await page.close();
  });

  it('copy buttons: the command, the event, a link to it, and the command for a debugger', async () => {
    const { page } = await open(naive);
    await press(page, '2');
    /** What is in the clipboard, pasted. */
    const copied = async (name: string) => {
      const button = page.locator('.pane.active').getByRole('button', { name, exact: true }).first();
      await button.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => button.getAttribute('data-said')).toBe('Copied');
      await page.locator('#search').fill('');
      await page.locator('#search').press('ControlOrMeta+v');
      const text = await page.locator('#search').inputValue();
      await page.locator('#search').fill('');
      await press(page, 'Escape');
      return text;
    };
    const [trace] = naive.traces;
    const row = trace!.rows[trace!.pair[1]!]!;
    expect(await copied('Copy the command')).toBe(trace!.command);
    expect(await copied('Copy this event as text')).toMatch(/write \/state\/lock ← /);
    expect(await copied('Copy the command that stops a debugger in this call')).toBe(
      `${trace!.breakCommand} ${row.breakAt}`,
    );
    const link = await copied('Copy a link to this event');
    expect(link).toMatch(new RegExp(`\\.html#step=${row.step}$`));
    await page.goto('about:blank');
    await page.goto(link);
    await drawn(page);
    expect(await selected(page)).toMatch(/② of the two/);
    await page.close();
  });

  it('links: the address leads to a step, follows the selection, and can be followed in the page', async () => {
    const steps = [...new Set(naive.traces[0]!.rows.map(({ step }) => step))];
    const [first, second] = [steps[3]!, steps[6]!];
    const at = (step: number) => new RegExp(`^step ${step}\\b`);
    const { page } = await open(naive, `#step=${first}`);
    expect(await selected(page)).toMatch(at(first));
    await press(page, 'e');
    const { step } = naive.traces[0]!.rows[naive.traces[0]!.broken!]!;
    await address(page).toMatch(new RegExp(`^#step=${step}\\b`));
    await page.evaluate(`location.hash = '#step=${second}'`);
    await expect.poll(() => selected(page)).toMatch(at(second));
    const passing = naive.traces[1]!.rows[5]!.step;
    await page.evaluate(`location.hash = '#step=${passing}&shown=passing'`);
    await expect.poll(() => page.locator('.pane.active').getAttribute('aria-label')).toMatch(/^Passing run/);
    expect(await selected(page)).toMatch(at(passing));
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'every control has a name and is reached by Tab, and texts can be read: %s',
    async (colorScheme) => {
      for (const data of [naive, chrome]) {
        const { page } = await open(data, '', { colorScheme });
        await page.getByText('Filter', { exact: true }).click();
        await drawn(page);
        expect.soft(await namelessControls(page)).toEqual([]);
        expect.soft(await lowContrasts(page)).toEqual([]);
        expect.soft(await unreachedByTab(page)).toEqual([]);
        await press(page, 'Escape');
        await press(page, 't');
        expect.soft(await namelessControls(page)).toEqual([]);
        expect.soft(await lowContrasts(page)).toEqual([]);
        await page.close();
      }
    },
  );

  it('50,000 events: keys and letters of a search are painted without lag', async () => {
    const { page } = await open(longPage(naive, 50_000));
    const figures: string[] = [];
    /** The real milliseconds until what `act` does is painted: the median, and the most. */
    const measure = async (what: string, act: string, times: number): Promise<number> => {
      const taken = await page.evaluate<number[]>(`(async () => {
        const taken = [];
        for (let i = 0; i < ${times}; i++) {
          const began = performance.now();
          ${act};
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          taken.push(performance.now() - began);
        }
        return taken.sort((a, b) => a - b);
      })()`);
      const median = taken[Math.floor(times / 2)]!;
      figures.push(`${what} ${median.toFixed(0)} ms, at most ${taken.at(-1)!.toFixed(0)} ms`);
      return median;
    };
    const key = (name: string): string =>
      `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: '${name}', bubbles: true }))`;
    // A key that means nothing: what a frame takes now, on a machine that may have other things to do.
    const limit = Math.max(150, 4 * (await measure('no key', key('F20'), 41)));
    for (const name of ['ArrowDown', 'PageDown', 'n'])
      expect.soft(await measure(name, key(name), 41), name).toBeLessThan(limit);
    // These draw more: some 100 ms beside 25 busy processes on two cores, where looking through all texts anew took more than a second.
    for (const name of ['End', 'Home', '+'])
      expect.soft(await measure(name, key(name), 41), name).toBeLessThan(800);
    await press(page, '/');
    const type = `const field = document.activeElement;
      field.value = 'event 49999'.slice(0, i + 1);
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))`;
    expect.soft(await measure('a letter', type, 11)).toBeLessThan(800);
    expect(await found(page)).toMatch(/\b1 found$/);
    console.log(`50,000 events, median: ${figures.join('; ')}`);
    await page.close();
  });
});
