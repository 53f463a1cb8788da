/**
 * How long the guards stay. Without more, they are there for one slice of runs: a process that also does something else must
 * not see them. To exchange some hundred properties of Node's for each slice makes a check of many short runs slower by a third,
 * since V8 drops what it has compiled for them each time. So the command line and its threads, which do nothing but check, hold
 * them. Between two steps a guard does what was there before.
 */

let holders = 0;
let pauses = 0;
/** What is to be undone at the end, each once. */
const left = new Set<() => void>();

/** Guards stay from their first slice on, until the returned function is called. */
export function holdGuards(): () => void {
  holders++;
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders--;
    if (holders === 0) undoAll();
  };
}

/**
 * Calls `work`, and there are no guards until it has ended but in slices: a module that is loaded gets hold of Node's own
 * functions, whether a check is under way or not.
 */
export async function withoutGuards<T>(work: () => Promise<T>): Promise<T> {
  pauses++;
  undoAll();
  try {
    return await work();
  } finally {
    pauses--;
  }
}

/** At the end of a slice. @param undo takes the guards away; called now, unless they are held */
export function endGuards(undo: () => void): void {
  if (holders > 0 && pauses === 0) left.add(undo);
  else {
    left.delete(undo);
    undo();
  }
}

function undoAll(): void {
  for (const undo of left) undo();
  left.clear();
}
