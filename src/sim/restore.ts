/**
 * Puts something back as it was when it was saved; may be called more than once. What it is made of stays the same objects,
 * so whoever refers to them needs not be told. What has come into being since is forgotten.
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

/** The same of a map. Its order is part of it. */
export function saveMap<K, V>(map: Map<K, V>): Restore {
  if (map.size === 0) return () => map.clear();
  const saved = [...map];
  return () => {
    map.clear();
    for (const [key, value] of saved) map.set(key, value);
  };
}
