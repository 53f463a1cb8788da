/** From a node of the tree to the machine there, and to the token of its run. */
import type { PageTree } from '../src/report/page/data.ts';
import { sealed, sparseBytes } from '../src/schedule/sparse.ts';

/** Something on the machine. `isNew`: the step of the node has changed it; `words` are `null` if it is gone with that step. */
export interface Thing {
  readonly what: string;
  readonly words: string | null;
  readonly isNew: boolean;
}

/** @param way the nodes from the beginning to the node */
export function machineAt({ nodes, changes }: PageTree, way: readonly number[]): Thing[] {
  const things = new Map<string, Thing>();
  for (const node of way) {
    const isNew = node === way.at(-1);
    for (const change of nodes[node]![4]) {
      const [what, words] = changes[change]!;
      if (words === null && !isNew) things.delete(what);
      else things.set(what, { what, words, isNew });
    }
  }
  return [...things.values()].sort((a, b) => (a.what < b.what ? -1 : 1));
}

/**
 * The token of the run that goes this way, and on by default choices.
 *
 * @returns `null` if no run was made
 */
export function tokenOf({ nodes, choices, replay }: PageTree, way: readonly number[]): string | null {
  if (replay === null) return null;
  const kinds: number[][] = [];
  for (const node of way) {
    for (const list of nodes[node]![3]) {
      const made = choices[list]!;
      for (let at = 0; at < made.length; at += 2) {
        const kind = made[at]!;
        while (kinds.length <= kind) kinds.push([]);
        kinds[kind]!.push(made[at + 1]!);
      }
    }
  }
  return sealed('os1', replay, base64Url(sparseBytes(kinds)));
}

export function commandOf(tree: PageTree, way: readonly number[]): string | null {
  const token = tokenOf(tree, way);
  if (token === null) return null;
  const [before, after] = tree.replay!.command;
  return `${before}${token}${after}`;
}

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
