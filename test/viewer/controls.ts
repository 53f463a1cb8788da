/** What a person who uses the keyboard, a screen reader or poor light needs of a page, measured in Chromium. */
import type { Page } from 'playwright-core';

/** What can be operated. */
const CONTROLS =
  'button:not([disabled]), input, select, summary, a[href], [tabindex="0"], [role=slider], [role=listbox], [role=tree]';

/** The roles and elements of controls that have no accessible name. */
export async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const operable = new Set([
    ...['button', 'link', 'textbox', 'searchbox', 'checkbox', 'combobox', 'slider'],
    ...['listbox', 'option', 'tree', 'treeitem', 'table', 'region'],
  ]);
  return nodes
    .filter(({ ignored, role, name }) => !ignored && operable.has(role?.value) && !name?.value?.trim())
    .map(({ role }) => String(role?.value));
}

/** Visible controls that Tab does not reach from the beginning of the page, as HTML. */
export async function unreachedByTab(page: Page): Promise<string[]> {
  const visible = await page.evaluate(`(() => {
    globalThis.controls = [...document.querySelectorAll(${JSON.stringify(CONTROLS)})].filter(
      (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0);
    document.activeElement.blur();
    globalThis.reached = new Set();
    return controls.length;
  })()`);
  // Twice as often as needed: what scrolls is reached too.
  for (let i = 0; i < 2 * Number(visible) + 10; i++) {
    await page.keyboard.press('Tab');
    await page.evaluate('reached.add(document.activeElement)');
  }
  return page.evaluate(
    `controls.filter((each) => !reached.has(each)).map((each) => each.outerHTML.slice(0, 120))`,
  );
}

/** Texts whose contrast with what is behind them is less than WCAG 2 asks for at level AA, with the contrast. */
export function lowContrasts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    // Any color of CSS, as red, green, blue and alpha.
    const rgba = (color) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const light = (color) => {
      const [r, g, b] = color.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const groundOf = (element) => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor));
      return layers.reduce((ground, layer) => over(layer, ground), [255, 255, 255]);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const low = [];
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent.trim();
      const element = texts.currentNode.parentElement;
      if (text === '' || /^(SCRIPT|STYLE|NOSCRIPT)$/.test(element.tagName)) continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest('.spoken, [disabled]')) continue;
      const style = getComputedStyle(element);
      const ground = groundOf(element);
      const [a, b] = [light(over(rgba(style.color), ground)), light(ground)].sort((p, q) => q - p);
      const contrast = (a + 0.05) / (b + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (isLarge ? 3 : 4.5)) low.push(contrast.toFixed(2) + ' ' + element.className + ' ' + text.slice(0, 40));
    }
    return [...new Set(low)];
  })()`);
}
