/** Small programs that many scenarios start beside the system: users, foreign processes, and what happens from outside. */
import {
  type Address,
  type Answer,
  type Child,
  type FsPort,
  type Machine,
  type Ports,
  type Program,
  portsOf,
  type Signal,
  SystemError,
  seamOf,
} from '../../ports/index.ts';
import { ignore, orElse, signal } from './calls.ts';

/** Sleeps for ever, and wakes every so many simulated milliseconds. */
export async function sleepForever({ clock }: Pick<Ports, 'clock'>, everyMs = 60_000): Promise<never> {
  for (;;) await clock.sleep(everyMs);
}

/** Lives and does nothing: it has a PID, and adopts orphans if the scenario makes it an init. */
export const sleeper: Program = (ports) => sleepForever(ports);

/** Ends by itself after so many simulated milliseconds. */
export function endsAfter(ms: number, exitCode = 0): Program {
  return async ({ clock }) => {
    await clock.sleep(ms);
    return exitCode;
  };
}

/** Listens at an address, and gives these answers in turn. Without answers it never answers. */
export function listensAt(address: Address, ...answers: Answer[]): Program {
  return async (ports) => {
    const listener = await ports.net.listen(address);
    if (answers.length === 0) return sleepForever(ports);
    for (let turn = 0; ; turn++) {
      const { request } = await ports.net.accept(listener);
      await orElse(ports.net.answer(request, answers[turn % answers.length]!), undefined);
    }
  };
}

/** Does one thing after the other, each named by an argument. For what happens to a system from outside. */
export function script(events: Readonly<Record<string, (ports: Ports) => Promise<unknown>>>): Program {
  return async (ports, names) => {
    for (const name of names) await events[name]!(ports);
  };
}

/** Removes a file, if it is there. */
export function removes(path: string): Program {
  return async ({ fs }) => void (await fs.unlinkIfThere(path));
}

/** Signals every process that listens on a TCP port. */
export async function signalHolders(ports: Ports, tcpPort: number, name: Signal): Promise<void> {
  for (const { pid } of await ports.probe.holders(tcpPort)) {
    if (pid !== null) await signal(ports, pid, name);
  }
}

/**
 * A user who asks a process to end: `user PID MS…`, so many simulated milliseconds from now, or `never`. Of several words the
 * schedule decides which counts, so that one run has one of the moments.
 */
export const user: Program = async ({ clock, process }, [pid, ...moments]) => {
  const moment = await Promise.race(moments.map((word) => clock.monotonicMs().then(() => word)));
  if (moment === 'never') return;
  // Even the shortest sleep takes some time.
  if (moment !== '0') await clock.sleep(Number(moment));
  await orElse(process.kill(Number(pid), 'SIGTERM'), undefined, 'ESRCH');
};

/** Whether a child has ended, as its parent has learnt. */
export function watched({ exited }: Pick<Child, 'exited'>): { ended: boolean } {
  const child = { ended: false };
  exited.then(() => {
    child.ended = true;
  }, ignore);
  return child;
}

/** The same program on a disk that is slow for some operations: each begins so many simulated milliseconds late. */
export function onSlowDisk(program: Program, lateMs: number, ...names: (keyof FsPort)[]): Program {
  return (ports, argv) => {
    const { fs, clock } = ports;
    const slow = new Proxy(fs, {
      get(_, name: keyof FsPort) {
        const member: unknown = fs[name];
        if (typeof member !== 'function') return member;
        if (!names.includes(name)) return member.bind(fs);
        return (...args: unknown[]) => clock.sleep(lateMs).then(() => member.apply(fs, args));
      },
    });
    return program({ ...ports, fs: slow }, argv);
  };
}

/**
 * The same program, whose event loop is busy for a while, as in a long computation: the process runs, and nothing of what it has asked for comes
 * to its code.
 */
export function busyFor(program: Program, fromMs: number, forMs: number): Program {
  return async (ports, argv) => {
    const { machine, process } = seamOf(ports);
    let held: (() => void)[] | null = null;
    const unlessBusy =
      <T>(settle: (value: T) => void) =>
      (value: T): void => {
        if (held === null) settle(value);
        else held.push(() => settle(value));
      };
    const busy: Machine = {
      execute: (caller, operation, resolve, reject) =>
        machine.execute(caller, operation, unlessBusy(resolve), unlessBusy(reject)),
    };
    const compute = async (): Promise<void> => {
      await ports.clock.sleep(fromMs);
      held = [];
      await ports.clock.sleep(forMs);
      const waiting = held;
      held = null;
      for (const settle of waiting) settle();
    };
    void compute();
    return program(portsOf(busy, process), argv);
  };
}

/** The same program on a filesystem that cannot have Unix sockets: for the protocol, as a version of it that has no certificates. */
export function withoutUnixSockets(program: Program): Program {
  return (ports, argv) => {
    const { machine, process } = seamOf(ports);
    const without: Machine = {
      execute(caller, operation, resolve, reject) {
        if (!('address' in operation) || operation.address.kind === 'tcp')
          return machine.execute(caller, operation, resolve, reject);
        const refused = machine.execute(
          caller,
          { op: 'sleep', ms: 0 },
          () => {
            reject(new SystemError('ENOSYS', operation));
          },
          reject,
        );
        return refused;
      },
    };
    return program(portsOf(without, process), argv);
  };
}
