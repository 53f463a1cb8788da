import type { Signal } from '../../ports/index.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Due } from '../base/timer-heap.ts';
import type { SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import type { Kernel } from './kernel.ts';
import { leaveToParent, orphanChildren } from './reaping.ts';
import { notifyParent } from './signals.ts';
import { closeListener, resetRequests } from './socket-ends.ts';
import { closeEnd } from './stream-ends.ts';

/** The process is no more; what it held is let go; its parent may reap it. */
export function endProcess(
  kernel: Kernel,
  process: SimProcess,
  code: number | null,
  signal: Signal | null,
): void {
  process.exits(code, signal);
  kernel.scheduler.remove(process);
  const lingersUs = signal === null ? 0 : kernel.lingersUs();
  if (lingersUs === 0) {
    finishExit(kernel, process);
  } else {
    process.lingering = true;
    kernel.timers.set(kernel.clocks.nowUs + lingersUs, new Leaving(kernel, process));
  }
}

/** Closes all that a process has open. */
export function releaseResources(kernel: Kernel, process: SimProcess): void {
  process.lingering = false;
  for (const description of process.fds.values()) {
    if (isListener(description)) closeListener(kernel, process, description, 'abrupt');
    else if (isStream(description)) closeEnd(kernel, process, description);
    else kernel.fs.closeDescription(description);
  }
  process.fds.clear();
  resetRequests(kernel, process);
}

/** The last of an ended process goes. */
class Leaving implements Due {
  readonly #kernel: Kernel;
  readonly #process: SimProcess;

  constructor(kernel: Kernel, process: SimProcess) {
    this.#kernel = kernel;
    this.#process = process;
  }

  fire(): void {
    if (!this.#process.lingering) return;
    this.#process.lingering = false;
    finishExit(this.#kernel, this.#process);
  }

  visit(into: StateVisitor): void {
    into.text('leave');
    into.number(this.#process.index);
  }
}

function finishExit(kernel: Kernel, process: SimProcess): void {
  releaseResources(kernel, process);
  if (process.isInit) endNamespace(kernel, process);
  orphanChildren(kernel, process);
  notifyParent(kernel, process);
  leaveToParent(kernel, process);
}

/** The container is gone with its first process: Linux sends SIGKILL to all the others. */
function endNamespace(kernel: Kernel, init: SimProcess): void {
  for (const process of kernel.table.existing()) {
    if (process.pidNamespace === init.pidNamespace && process.alive) kernel.end(process, null, 'SIGKILL');
  }
}
