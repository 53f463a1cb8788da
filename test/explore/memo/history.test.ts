/** What a program has received decides what it does: each part of it tells two states of a program apart. */
import { expect, it } from 'vitest';
import { fingerprintAfter } from '../../../src/explore/memo/history-fingerprint.ts';
import { expectSame } from '../../../src/explore/memo/memo-node.ts';
import { OpenEpisodes } from '../../../src/explore/memo/open-summaries.ts';
import { ENOENT } from '../../../src/sim/base/errno.ts';
import { StringInterner } from '../../../src/sim/index.ts';

const texts = new StringInterner();
const after = (ordinal: number, result: unknown) => fingerprintAfter(null, ordinal, result, texts);

it.each([
  ['what an operation has come to', after(1, 'text'), after(1, 'another')],
  ['which operation it was', after(1, 'text'), after(2, 'text')],
  ['whether it failed, or gave the name of an error', after(1, ENOENT), after(1, 'ENOENT')],
  ['all that came before', after(1, 'text'), fingerprintAfter(after(0, ''), 1, 'text', texts)],
])('two states of a program differ by %s', (_, one, other) => {
  expect(other).not.toEqual(one);
});

it('a program that does more than another one does not do the same', () => {
  const asks = { kind: 'asks', operation: { op: 'self' } } as const;
  expect(() => expectSame([asks], [asks])).not.toThrow();
  expect(() => expectSame([asks], [asks, asks])).toThrow('the same results made a program do two things');
});

it('an episode does not count if another one began in it while something else was in progress', () => {
  const open = new OpenEpisodes();
  const outer = open.begin(0, false);
  open.end(open.begin(1, true));
  expect(open.look(outer, false)).toEqual({ at: 0, counts: false });
});

it('an episode does not count if something else is in progress when it ends', () => {
  const open = new OpenEpisodes();
  const begun = open.begin(0, false);
  expect(open.look(begun, true)).toEqual({ at: 0, counts: false });
});
