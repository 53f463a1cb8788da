/** The passes of shrinking that remove or move blocks: consecutive actions of one process, between two context switches. */
import { type Action, type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import type { Choices } from '../sim/index.ts';
import type { Smallest } from './counterexample.ts';

type Block = readonly Action[];

/** How many blocks {@link dropMoments} removes at once: single blocks gave the same results with fewer steps (decision 28). */
const MOMENTS_AT_ONCE = 1;

/** Removes blocks with the time after them. */
export function dropSwitches(smallest: Smallest): Iterable<Choices> {
  const blocks = blocksOf(smallest.actions, true);
  return dropBlocks(smallest, blocks, blocks.length);
}

/** The same, but keeps the passing of time. With many timers this needs many attempts for little gain. */
export function dropMoments(smallest: Smallest): Iterable<Choices> {
  return dropBlocks(smallest, blocksOf(smallest.actions, false), MOMENTS_AT_ONCE);
}

function* dropBlocks(smallest: Smallest, blocks: readonly Block[], most: number): Iterable<Choices> {
  for (let size = most; size >= 1; size = Math.floor(size / 2)) {
    for (let at = blocks.length - size; at >= 0; at--) {
      yield new ActionReplayer(blocks.toSpliced(at, size).flat(), smallest);
      const before = size > 1 ? -1 : previousOf(blocks, at);
      if (before >= 0 && before < at - 1) yield joined(smallest, blocks, at, before);
    }
  }
}

/** Joins each block with every other block of its process: it goes on earlier, or begins later. */
export function* moveBlocks(smallest: Smallest): Iterable<Choices> {
  for (const withTime of [true, false]) {
    const blocks = blocksOf(smallest.actions, withTime);
    for (let at = blocks.length - 1; at >= 0; at--) {
      const owner = ownerOf(blocks[at]!);
      if (owner === null) continue;
      for (let to = blocks.length - 1; to >= 0; to--) {
        if (to === at || ownerOf(blocks[to]!) !== owner) continue;
        yield joined(smallest, blocks, at, to);
      }
    }
  }
}

/** Lets each fault strike at every other point. */
export function* moveFaults({ actions, ...circumstances }: Smallest): Iterable<Choices> {
  for (const [from, action] of actions.entries()) {
    if (action.kind !== 'fault') continue;
    const rest = actions.toSpliced(from, 1);
    for (let to = 0; to <= rest.length; to++) {
      if (to !== from) yield new ActionReplayer(rest.toSpliced(to, 0, action), circumstances);
    }
  }
}

/** Moves each context switch: a block ends earlier, and its rest joins the next block of its process; or it begins later. */
export function* shiftSwitches(smallest: Smallest): Iterable<Choices> {
  const blocks = blocksOf(smallest.actions, false);
  for (let at = blocks.length - 1; at >= 0; at--) {
    const block = blocks[at]!;
    const [before, after] = [previousOf(blocks, at), nextOf(blocks, at)];
    for (let cut = 1; cut < block.length; cut++) {
      const parts = blocks.toSpliced(at, 1, block.slice(0, cut), block.slice(cut));
      if (after >= 0) yield joined(smallest, parts, at + 1, after + 1);
      if (before >= 0) yield joined(smallest, parts, at, before);
    }
  }
}

/** A run in which a block is moved: behind an earlier block of its process, or in front of a later one. */
function joined(smallest: Smallest, blocks: readonly Block[], at: number, to: number): Choices {
  const moved = blocks.toSpliced(at, 1).toSpliced(to < at ? to + 1 : to - 1, 0, blocks[at]!);
  return new ActionReplayer(moved.flat(), smallest);
}

/** The last block of the same process before a block; -1 if there is none. */
function previousOf(blocks: readonly Block[], at: number): number {
  const owner = ownerOf(blocks[at]!);
  return owner === null ? -1 : blocks.slice(0, at).findLastIndex((other) => ownerOf(other) === owner);
}

/** The first block of the same process after a block; -1 if there is none. */
function nextOf(blocks: readonly Block[], at: number): number {
  const owner = ownerOf(blocks[at]!);
  return owner === null ? -1 : blocks.findIndex((other, i) => i > at && ownerOf(other) === owner);
}

/** Splits a log into blocks of consecutive actions of one process, with or without the time that passes after them. A fault is a block. */
function blocksOf(actions: ActionLog, withTime: boolean): Action[][] {
  const blocks: Action[][] = [];
  for (const action of actions) {
    const last = blocks.at(-1);
    if (last !== undefined && belongsTo(last, action, withTime)) last.push(action);
    else blocks.push([action]);
  }
  return blocks;
}

function belongsTo(block: ActionLog, action: Action, withTime: boolean): boolean {
  if (action.kind === 'advance') return withTime && !action.busy;
  return ownerOf(block) !== null && ownerOf(block) === ownerOf([action]);
}

function ownerOf([first]: readonly Action[]): number | null {
  return first?.kind === 'step' ? first.process : null;
}
