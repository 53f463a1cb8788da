/** Which process reaps one that has ended: its parent, or one that adopts orphans. */
import type { SimProcess } from '../records/process.ts';
import type { Kernel } from './kernel.ts';

/** An ended process stays a zombie until its parent waits for it, if there is a parent that can. */
export function leaveToParent({ table }: Kernel, process: SimProcess): void {
  const { parent } = process;
  if (parent === null || parent.program === null || !parent.alive) table.reap(process);
  else if (process.adopted ? parent.reaps : process.unawaited) table.reap(process);
  else if (!process.adopted) wakeParent(parent, process);
}

/** The nearest subreaper adopts the children, else PID 1. The machine's own PID 1, and each process that `reaps`, reaps those that end. */
export function orphanChildren(kernel: Kernel, process: SimProcess): void {
  const children = process.leaveChildren();
  if (children.length === 0) return;
  const heir = subreaperAbove(process) ?? initOf(kernel, process);
  for (const child of children) {
    child.adopt(heir);
    if (child.state !== 'zombie' || child.lingering) continue;
    if (heir === null || heir.reaps) kernel.table.reap(child);
  }
}

/** A process whose parent has ended has been given another by then, so all above are alive. */
function subreaperAbove({ parent, pidNamespace }: SimProcess): SimProcess | null {
  for (let at = parent; at?.pidNamespace === pidNamespace; at = at.parent) {
    if (at.subreaper && at.alive) return at;
  }
  return null;
}

/** `null` if it is no process of the run. */
function initOf({ table }: Kernel, { pidNamespace }: SimProcess): SimProcess | null {
  const init = table.get(1, pidNamespace);
  return init?.alive ? init : null;
}

function wakeParent(parent: SimProcess, child: SimProcess): void {
  for (const wait of parent.waits?.splice(0) ?? []) {
    if (wait.operation.pid !== child.pid) parent.waits!.push(wait);
    else wait.wake();
  }
}
