/** What `list` prints. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { printList } from '../../src/cli/actions/list.ts';
import { exporting, inFolder } from './folder.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function listed(words: string[], options: Parameters<typeof printList>[1] = {}): Promise<string> {
  inFolder({ 'races/lock.mjs': exporting('mine/lock/starts', 'mine/lock/crash') });
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await printList(words, options)).toBe(0);
  return text;
}

test('all scenarios of the project with their files, and all faults and strategies', async () => {
  const text = await listed([]);
  expect(text).toMatch(/^ {2}mine\/lock\/starts {2}races\/lock\.mjs$/m);
  expect(text).toMatch(/^Faults$/m);
  expect(text).toMatch(/^Strategies$/m);
});

test.each([
  [['mine/lock/crash'], {}],
  [[], { grep: /crash/ }],
])('a selection, %j, ends with its scenarios', async (words, options) => {
  const text = await listed(words, options);
  expect(text).toContain('mine/lock/crash  races/lock.mjs');
  expect(text).not.toContain('mine/lock/starts');
  expect(text).not.toMatch(/^(?:Faults|Strategies)$/m);
});

test('as JSON, with the files', async () => {
  const { scenarios } = JSON.parse(await listed(['mine/*'], { json: true }));
  expect(scenarios).toMatchObject([
    { id: 'mine/lock/starts', file: 'races/lock.mjs' },
    { id: 'mine/lock/crash' },
  ]);
});

test.each([{}, { by: 'invariant' as const }])(
  'a file that cannot be loaded is in the document: %j',
  async (by) => {
    inFolder({ 'races/a.mjs': exporting('mine/a/one'), 'races/broken.mjs': 'throw new Error("not today");' });
    const [out, err] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')].map((spy) => {
      spy.mockReturnValue(true);
      onTestFinished(() => spy.mockRestore());
      return spy;
    });
    expect(await printList([], { json: true, ...by })).toBe(2);
    const text = out!.mock.calls.map(([piece]) => piece).join('');
    expect(JSON.parse(text).unusable).toEqual([
      { id: 'races/broken.mjs', reason: expect.stringMatching(/broken\.mjs cannot be loaded: not today/) },
    ]);
    expect(err!.mock.calls.map(([piece]) => piece).join('')).toContain('cannot be loaded');
  },
);
