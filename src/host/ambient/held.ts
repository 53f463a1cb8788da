/**
 * How long the guards stay installed. By default for one slice of runs, because a process that also does other things must
 * not see them. But replacing several hundred properties of Node for each slice makes a check of many short runs slower by a third,
 * since V8 discards the code compiled for them each time. So the command line and its threads, which only run checks, keep them
 * installed. Between two steps a guard behaves like the original.
 */

let holders = 0;
let pauses = 0;
/** What to undo at the end, each once. */
const left = new Set<() => void>();

/** Keeps guards installed after their first slice, until the returned function is called. */
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
 * Calls `work` without guards, except during slices, so that a module that it loads gets Node's own functions even while a
 * check is running.
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

/** Ends a slice. @param undo removes the guards; called now unless they are kept */
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
