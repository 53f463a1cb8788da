import fc from 'fast-check';
import { portsOf, SystemError } from '../dist/ports/index.js';
import { isErrno } from '../dist/sim/errno.js';
import { FileSystem } from '../dist/sim/fs/index.js';
import { PROCESSES, racer } from './race.mjs';

/** The same programs over the same filesystem, each operation a task of `fc.scheduler()`. */
class ScheduledMachine {
  steps = 0;
  #scheduler;
  #fs = new FileSystem({ wallMs: () => 0 });

  constructor(scheduler) {
    this.#scheduler = scheduler;
  }

  execute(process, operation, resolve, reject) {
    this.#scheduler.schedule(Promise.resolve(), operation.op).then(() => {
      this.steps++;
      const result = perform(this.#fs, process, operation);
      if (isErrno(result)) reject(new SystemError(result.code, operation));
      else resolve(result);
    });
  }
}

function perform(fs, process, operation) {
  const { path, fd } = operation;
  switch (operation.op) {
    case 'self':
      return { pid: process.pid };
    case 'mkdir':
      return fs.mkdir(process, path, operation.mode);
    case 'open':
      return fs.open(process, path, operation.flags, operation.mode);
    case 'read':
      return fs.read(process, fd, operation.length, operation.position);
    case 'write':
      return fs.write(process, fd, operation.data, operation.position);
    case 'close':
      return fs.close(process, fd);
    case 'stat':
      return fs.stat(process, path);
    case 'unlink':
      return fs.unlink(process, path);
    default:
      throw new Error(`the race does not use ${operation.op}`);
  }
}

/** @returns {Promise<{ runs: number, steps: number, seconds: number }>} */
export async function raceFastCheck(runs) {
  let steps = 0;
  const begun = performance.now();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const machine = new ScheduledMachine(scheduler);
      const ended = Array.from({ length: PROCESSES }, (_, i) => {
        const process = { pid: i + 1, uid: 0, gid: 0, cwd: '/', umask: 0o022, fds: new Map(), maxFds: 1024 };
        return racer(portsOf(machine, process));
      });
      await scheduler.waitIdle();
      await Promise.all(ended);
      steps += machine.steps;
    }),
    { numRuns: runs, seed: 1 },
  );
  return { runs, steps, seconds: (performance.now() - begun) / 1000 };
}
