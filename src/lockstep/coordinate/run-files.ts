/** The files of a run: those that the simulation says there are now, compared with those below the real root. */
import type { Tree } from '../script.ts';
import { Difference } from './difference.ts';
import type { Names } from './names.ts';
import { differenceOfTrees, treeOfDirectory } from './real-tree.ts';

export class RunFiles {
  readonly #names: Names;
  /** As they must be now. */
  expected: Tree;
  /** As they were when they were compared last. */
  #real: Tree = {};

  constructor(names: Names, before: Tree) {
    this.#names = names;
    this.expected = before;
  }

  /** @throws Difference at the first path that differs */
  compare(event: Difference['event']): void {
    this.#real = treeOfDirectory(this.#names.root, (uid) => this.#names.simUid(uid));
    const found = differenceOfTrees(this.expected, this.#real);
    if (found === null) return;
    const { path, simulated, real } = found;
    throw new Difference(`the files differ: ${path}`, event, simulated, real);
  }

  /** What invariants see of the real files, as `World.files` has it: the text of each file, and `null` for an empty folder. */
  seen(): Record<string, string | null> {
    const paths = Object.keys(this.#real);
    return Object.fromEntries(
      Object.entries(this.#real).flatMap(([at, { kind, content }]): [string, string | null][] => {
        if (kind === 'file') return [[at, Buffer.from(content!, 'latin1').toString('utf8')]];
        const isEmpty = !paths.some((other) => other.startsWith(`${at}/`));
        return kind === 'directory' && isEmpty ? [[at, null]] : [];
      }),
    );
  }
}
