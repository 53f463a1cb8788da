/** Measures boxes: nothing is hidden, nothing lies over another text, and what is shortened has its full text as a title. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageData } from '../../src/report/page/index.ts';
import { CHROMIUM, Pages, press, WHY } from './chromium.ts';
import { longNames, recordedPage } from './pages.ts';

/** What is wrong with the boxes of a page, in words. Runs in the page. */
const COMPLAINTS = `(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push('the page is ' + root.scrollWidth + ' wide');
  for (const scroller of document.querySelectorAll('.scroller')) {
    const room = scroller.getBoundingClientRect();
    if (scroller.scrollWidth > scroller.clientWidth) wrong.push('a list scrolls sideways');
    const head = scroller.querySelector('.head').getBoundingClientRect();
    const words = (row) => row.textContent.replace(/\\s+/g, ' ').trim();
    for (const row of scroller.querySelectorAll('.row')) {
      const box = row.getBoundingClientRect();
      if (box.top < head.bottom || box.bottom > room.bottom) continue;
      const about = words(row);
      if (row.getAttribute('role') === 'option') {
        const text = row.querySelector('.event .text');
        if (text === null || text.getBoundingClientRect().width < 20) wrong.push('an empty row: ' + about);
      }
      check([...row.querySelectorAll('.event, .name, .claim, .step, .ms, .sign, .pause > span')], about);
    }
    check([...scroller.querySelectorAll('.head .actor b, .head .step, .head .ms, .watched')], 'the head');

    function check(cells, about) {
      const shown = cells.filter((cell) => cell.textContent.trim() !== '' && cell.getClientRects().length > 0);
      const boxes = shown.map((cell) => cell.getBoundingClientRect());
      for (const [i, box] of boxes.entries()) {
        const cell = shown[i];
        if (box.left < room.left - 1 || box.right > room.left + scroller.clientWidth + 1)
          wrong.push(cell.className + ' is out of sight: ' + about);
        if (box.width < 4) wrong.push(cell.className + ' has no width: ' + about);
        for (const [j, other] of boxes.entries()) {
          if (j <= i) continue;
          const wide = Math.min(box.right, other.right) - Math.max(box.left, other.left);
          const high = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
          if (wide > 1 && high > 1) wrong.push(cell.className + ' lies over ' + shown[j].className + ': ' + about);
        }
        const parts = [cell, ...cell.querySelectorAll('*')];
        const clipped = parts.some((part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== 'inline');
        const shortened = /…/.test(cell.textContent);
        const title = cell.closest('[title]')?.title ?? cell.querySelector('[title]')?.title ?? '';
        if ((clipped || shortened) && title.trim() === '') wrong.push(cell.className + ' is cut without a title: ' + about);
        // On one line, what does not fit must be cut with an ellipsis, not painted over what is next to it.
        if (clipped && getComputedStyle(cell).overflowX === 'visible' && cell.matches('.name, .step, .ms'))
          wrong.push(cell.className + ' bleeds: ' + about);
      }
    }
  }
  return wrong;
})()`;

describe.skipIf(CHROMIUM === undefined)(`the boxes of the viewer${WHY}`, () => {
  let pages: Pages;
  const data = new Map<string, PageData>();

  beforeAll(async () => {
    pages = await Pages.start();
    data.set('two', await recordedPage('model/naive/cold-start'));
    data.set('eight', await recordedPage('closedloop/before/orphan-blocks'));
    data.set('long names', longNames(data.get('eight')!));
  });

  afterAll(() => pages?.end());

  it('has two and eight processes', () => {
    expect(data.get('two')!.traces[0]!.actors).toHaveLength(2);
    expect(data.get('eight')!.traces[0]!.actors).toHaveLength(8);
  });

  it.each([
    ...[400, 800, 1400, 2000].flatMap((width) => [['two', width] as const, ['eight', width] as const]),
    ['long names', 400] as const,
    ['long names', 1400] as const,
  ])('%s processes at %i pixels: no cell is hidden, no text is cut without a title', async (which, width) => {
    const { page, wrong } = await pages.open(data.get(which)!, { viewport: { width, height: 800 } });
    for (const key of ['', 'Home', 'f', 'c', 'e']) {
      if (key !== '') await press(page, key);
      expect(await page.evaluate<string[]>(COMPLAINTS), key).toEqual([]);
    }
    expect(await page.locator('.row').count()).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('the measurement sees what is wrong', async () => {
    const { page } = await pages.open(data.get('eight')!, { viewport: { width: 1400, height: 800 } });
    const spoil = async (script: string): Promise<string> => {
      await page.evaluate(script);
      return (await page.evaluate<string[]>(COMPLAINTS)).join();
    };
    const first = `document.querySelector('.row.selected')`;
    expect(
      await spoil(
        `${first}.querySelector('.event').removeAttribute('title'); ${first}.querySelector('.text').textContent = 'x'.repeat(400)`,
      ),
    ).toContain('is cut without a title');
    expect(await spoil(`${first}.querySelector('.name').style.marginLeft = '300px'`)).toContain('lies over');
    expect(await spoil(`${first}.querySelector('.event').style.marginLeft = '-400px'`)).toContain(
      'is out of sight',
    );
    expect(await spoil(`${first}.querySelector('.text').textContent = ''`)).toContain('an empty row');
    await page.close();
  });
});
