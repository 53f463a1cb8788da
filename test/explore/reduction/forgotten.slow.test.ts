// For each kind of part: if its accesses are not logged, the reduction leaves out an order of a pair of programs that makes a difference.
// So a part that a record forgets to log is noticed: the pairs would not show it if other parts told the same.
import { afterEach, describe, expect, it } from 'vitest';
import { AccessLog } from '../../../src/sim/index.ts';
import { outcomesOf, PAIRS } from './pairs.ts';
import { SINGLE_CELLS } from './single-cells.ts';

/** The pair, and which parts are not logged. */
const FORGOTTEN: readonly (readonly [pair: string, parts: RegExp])[] = [
  ['content', /^inode \d+ content$/],
  ['mode', /^inode \d+ mode$/],
  ['uid', /^inode \d+ (?:uid|gid)$/],
  ['nlink', /^inode \d+ nlink$/],
  ['atime', /^inode \d+ (?:atime|mtime|timesSet)$/],
  ['a time that is set, and one that becomes the present', /^inode \d+ timesSet$/],
  ['a name', /^inode \d+ name /],
  ['all names', /^inode \d+ names$/],
  ['names with a prefix', /^inode \d+ names from /],
  ['whether a directory is empty', /^inode \d+ names?(?: |$)/],
  ['space on the disk', /^disk space$/],
  ['where a file stands that two processes have open', /^shared descriptions$/],
  ['the bytes in a pipe', /^stream /],
  ['whether a connection is reset', /^stream /],
  ['half of a connection of two processes', /^stream /],
  ['the queue of a listener that takes streams', /^(?:listener|port) /],
  ['a TCP port', /^port /],
  ['a command', /^process \d+ command$/],
  ['a command', /^PID /],
  ['a process that is stopped', /^process \d+ state$/],
  ['which processes there are', /^PIDs$/],
  ['the parent of an orphan', /^process \d+ (?:parent|exit|state)$/],
  ['the clock', /^clock$/],
  ['the wall clock', /^wall clock$/],
  ['the host name', /^host name$/],
  ['conditions of faults', /^fault conditions$/],
  ['numbers of new inodes', /^inode numbers$/],
  ['the time of the last change', /^inode \d+ ctime$/],
  ['which signals a process ignores', /^process \d+ signals$/],
  ['how often a mark was made', /^mark /],
  ['how many marks there are', /^names of marks$/],
  ['claims', /^claims$/],
];

const METHODS = ['read', 'write', 'update', 'count', 'touch', 'look'] as const;
const original = Object.fromEntries(METHODS.map((method) => [method, AccessLog.prototype[method]]));
const putBack = (): unknown => Object.assign(AccessLog.prototype, original);
afterEach(putBack);

/** @returns how often that was so */
function forget(parts: RegExp): () => number {
  let forgotten = 0;
  for (const method of METHODS) {
    const log = original[method] as (this: AccessLog, ...args: unknown[]) => void;
    const logs = function (this: AccessLog, cell: number, ...more: unknown[]): void {
      if (parts.test(this.cells.nameOf(cell))) forgotten++;
      else log.call(this, cell, ...more);
    };
    Object.assign(AccessLog.prototype, { [method]: logs });
  }
  return () => forgotten;
}

describe('an order that makes a difference is left out', () => {
  it.each(FORGOTTEN)('if %s is a pair without its log line: %s', async (name, parts) => {
    const pair = [...PAIRS, ...SINGLE_CELLS].find(([each]) => each === name)!;
    // That these are all is tested in parts.slow.test.ts.
    const { found } = await outcomesOf(pair, true);
    const count = forget(parts);
    const without = await outcomesOf(pair, true);
    expect(count()).toBeGreaterThan(0);
    expect(without.found).not.toEqual(found);
    putBack();
    expect((await outcomesOf(pair, true)).found).toEqual(found);
  });
});
