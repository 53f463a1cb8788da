import { expect, it } from 'vitest';
import { Unmarked } from '../../src/model/unmarked.ts';

/** One look at all processes, none of which has a mark. @returns which of them it looked at */
function look(unmarked: Unmarked, all: readonly number[]): readonly number[] {
  const pids = unmarked.toLookAt(all);
  for (const pid of pids) unmarked.note(pid);
  return pids;
}

it('looks twice at each process, and at those that are new', () => {
  const unmarked = new Unmarked();
  expect(look(unmarked, [1, 2])).toEqual([1, 2]);
  expect(look(unmarked, [1, 2, 3])).toEqual([1, 2, 3]);
  expect(look(unmarked, [1, 2, 3])).toEqual([3]);
  expect(look(unmarked, [1, 2, 3])).toEqual([]);
});

it('looks at what has a mark each time', () => {
  const unmarked = new Unmarked();
  for (let turn = 0; turn < 5; turn++) expect(unmarked.toLookAt([7])).toEqual([7]);
});

it('looks at a PID that was gone in between, and from time to time at all', () => {
  const unmarked = new Unmarked();
  for (let turn = 0; turn < 3; turn++) look(unmarked, [1, 2]);
  look(unmarked, [1]);
  expect(look(unmarked, [1, 2])).toEqual([2]);
  const looks = Array.from({ length: 40 }, () => look(unmarked, [1, 2]).length);
  expect(looks.filter((count) => count === 2)).toHaveLength(4);
});
