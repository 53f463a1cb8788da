/**
 * Puts something back as it was when it was saved; may be called more than once. The objects stay the same ones, so
 * references to them stay valid. Objects that were made since are forgotten.
 */
export type Restore = () => void;

export function refill<T>(list: T[], saved: readonly T[]): void {
  list.length = saved.length;
  for (let i = 0; i < saved.length; i++) list[i] = saved[i]!;
}

/** A list that itself stays the same, with what was in it. */
export function saveList<T>(list: T[]): Restore {
  if (list.length === 0) {
    return () => {
      list.length = 0;
    };
  }
  const saved = list.slice();
  return () => refill(list, saved);
}

/** Takes one item out of a list that itself stays the same. */
export function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** A map that itself stays the same, with what was in it. Its order is part of it. */
export function saveMap<K, V>(map: Map<K, V>): Restore {
  if (map.size === 0) return () => map.clear();
  const saved = [...map];
  return () => {
    map.clear();
    for (const [key, value] of saved) map.set(key, value);
  };
}

/** For what changes rarely: what has not changed is neither saved nor restored again. */
export class SnapshotCache {
  /** Names the state of now: another number after every change, and an earlier one only if that state was restored. */
  now = 0;
  #last = 0;
  #saved: { readonly version: number; readonly restore: Restore } | null = null;

  /** Something may change. */
  touch(): void {
    this.now = ++this.#last;
  }

  save(saveAll: () => Restore): Restore {
    const version = this.now;
    if (this.#saved?.version === version) return this.#saved.restore;
    const restoreAll = saveAll();
    const restore = (): void => {
      if (this.now === version) return;
      this.now = version;
      restoreAll();
    };
    this.#saved = { version, restore };
    return restore;
  }
}
