import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageNodes } from '../../src/report/page/index.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import { CHROMIUM, drawn, Pages, press, WHY } from './chromium.ts';
import { HOSTILE } from './pages.ts';

const OPTIONS = { viewport: { width: 1400, height: 700 } };

/** `a#1` unlinks and ends, or `b#1` writes; or there is a kill at once. */
const explored = {
  nodes: [
    { parent: -1, label: null, end: null, changed: [0, 1], chosen: 0 },
    { parent: 0, label: `a#1 unlink ${HOSTILE[0]}`, end: null, changed: [2], chosen: 1 },
    { parent: 1, label: 'a#1 exit', end: 'passed' as const, changed: [3], chosen: 1 },
    { parent: 1, label: 'b#1 write /lock', end: null, changed: [4], chosen: 2 },
    { parent: 3, label: 'b#1 close', end: 'violated' as const, changed: [5], chosen: 1 },
    { parent: 0, label: '↯ kill', end: 'joins' as const, changed: [3], chosen: 1 },
  ],
  changes: [
    ['process a#1', 'PID 1001, running'],
    [`file /${HOSTILE[1]}`, '""'],
    [`file /${HOSTILE[1]}`, null],
    ['process a#1', null],
    ['file /lock', '"b"'],
    ['file /lock', '"b closed"'],
  ] as const,
  choices: [[], [{ kind: 'schedule', choice: 0 }], [{ kind: 'schedule', choice: 1 }]],
  left: 0,
};

const tree = {
  ...{ scenario: 'a/b/c', facts: ['violated'], complete: false, commands: ['npx x'] },
  ...pageNodes(explored, CHOICE_KINDS),
  replay: {
    ...{ id: 'a/b/c+bounds', hash: '00000000' },
    command: ['npx one-survivor replay ', ' --from a.mjs'] as const,
  },
};

describe.skipIf(CHROMIUM === undefined)(`the tree of schedules in Chromium${WHY}`, () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await Pages.start();
  });

  afterAll(() => pages?.end());

  it('shows the tree of schedules, with keys to navigate', async () => {
    const { page, wrong } = await pages.open({ version: '1', traces: [], tree }, OPTIONS);
    const chosen = page.locator('[role=treeitem][aria-selected=true]');
    expect(await chosen.textContent()).toContain('b#1 write /lock · b#1 close');
    expect(await chosen.textContent()).toContain('✗ violates an invariant');
    const steps = page.locator('.chosen ol li');
    expect(await steps.allTextContents()).toEqual([
      expect.stringContaining('unlink'),
      'b#1 write /lock',
      'b#1 close',
    ]);
    expect(await page.getByRole('treeitem').count()).toBe(5);
    await press(page, 'ArrowLeft');
    expect(await chosen.textContent()).toContain('<img src=x');
    await press(page, 'ArrowLeft');
    expect(await chosen.getAttribute('aria-expanded')).toBe('false');
    expect(await page.getByRole('treeitem').count()).toBe(3);
    await press(page, 'ArrowDown');
    expect(await chosen.textContent()).toContain('↪ joins a state seen before');
    await press(page, 'e');
    expect(await chosen.getAttribute('aria-level')).toBe('3');
    await page.getByRole('button', { name: '✓ passes' }).click();
    await expect.poll(() => page.getByRole('treeitem').allTextContents()).toHaveLength(3);
    expect(await page.getByRole('treeitem').last().textContent()).toContain('a#1 exit');
    await page.getByRole('button', { name: 'All runs' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('kill');
    expect(await page.getByRole('status').textContent()).toBe('1 run');
    expect(await page.getByRole('treeitem').count()).toBe(2);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('shows the machine at a node, what the node has changed, and the command for its run', async () => {
    const { page, wrong } = await pages.open({ version: '1', traces: [], tree }, OPTIONS);
    const things = page.getByRole('region', { name: 'The machine here' }).getByRole('listitem');
    const shown = async () => (await things.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(await shown()).toEqual([
      'file /lock "b closed" (changed by this node)',
      'process a#1 PID 1001, running',
    ]);
    await press(page, 'ArrowLeft');
    expect((await shown())[0]).toMatch(/^file \/<!--.* gone \(changed by this node\)$/);
    await press(page, 'Home');
    expect(await shown()).toHaveLength(2);
    await press(page, 'e');
    const command = await commandIn(page);
    // The second choice of a schedule is 1, and this is all that it takes.
    expect(command).toMatch(
      /^npx one-survivor replay os1:a\/b\/c\+bounds:00000000:\S+ --from a\.mjs --html run\.html --open$/,
    );
    await press(page, 'End');
    expect(await commandIn(page)).not.toBe(command);
    expect(await page.locator('.chosen').textContent()).toContain('and on without further choices');
    await page.setViewportSize({ width: 420, height: 800 });
    await drawn(page);
    const list = (await page.getByRole('tree').boundingBox())!;
    const machine = (await page.getByRole('region', { name: 'The machine here' }).boundingBox())!;
    expect(machine.x + machine.width).toBeLessThanOrEqual(420);
    expect(list.width).toBeLessThanOrEqual(420);
    expect(wrong).toEqual([]);
    await page.close();
  });
});

const commandIn = (page: Page) => page.locator('.chosen .command code').textContent();
