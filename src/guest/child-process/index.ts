/** `node:child_process` of a process. */
import { fileURLToPath } from 'node:url';
import { invalidType } from '../../ports/node-errors.ts';
import type { Instance } from '../instance.ts';
import type { GuestProcess } from '../process.ts';
import { ChildProcess, type Family } from './child.ts';
import { abortChild, exec, execFile, watchSignal, withPromise } from './exec.ts';
import { type Options, signalOf, wantedOf } from './options.ts';
import { execFileSync, execSync, spawnSync } from './sync.ts';

/** @param guest whose environment children get */
export function childProcessModule(family: Family, instance: Instance, guest: GuestProcess) {
  const env = (): Record<string, unknown> => guest.env as Record<string, unknown>;
  const spawn = (file: unknown, args?: unknown, given?: unknown): ChildProcess => {
    const wanted = wantedOf(file, args, given, env());
    const { timeout, killSignal = 'SIGTERM', signal } = wanted.options;
    const child = new ChildProcess(family).start(wanted);
    if (Number(timeout) > 0) {
      const timer = family.timers.setTimeout(() => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signalOf(killSignal));
      }, timeout);
      child.once('exit', () => timer.close());
    }
    watchSignal(child, signal, () => abortChild(child, signal as AbortSignal, killSignal));
    return child;
  };
  const forward = (text: string): void => {
    (guest.stderr as { write(text: string): unknown }).write(text);
  };
  return {
    ChildProcess,
    spawn,
    fork(file: unknown, ...rest: unknown[]): ChildProcess {
      const args = Array.isArray(rest[0]) ? (rest.shift() as unknown[]) : [];
      if (rest[0] === undefined || rest[0] === null) rest.shift();
      const options = (rest[0] ?? {}) as Options;
      const { execPath = guest.execPath, execArgv = guest.execArgv, silent } = options;
      const usual = silent ? 'pipe' : 'inherit';
      const stdio = options.stdio ?? [usual, usual, usual, 'ipc'];
      if (typeof file !== 'string' && !(file instanceof URL))
        throw invalidType('modulePath', 'of type string or an instance of Buffer or URL', file);
      const script = file instanceof URL ? fileURLToPath(file) : file;
      const words = [...(execArgv as string[]), script, ...args];
      return spawn(execPath, words, { ...options, shell: false, stdio });
    },
    exec: withPromise((...args: unknown[]) => exec(family, env, args)),
    execFile: withPromise((...args: unknown[]) => execFile(family, env, args)),
    spawnSync: (file: unknown, args?: unknown, options?: unknown) =>
      spawnSync(instance, wantedOf(file, args, options, env())),
    execFileSync: (...args: unknown[]) => execFileSync(instance, env(), args, forward),
    execSync: (command: unknown, options?: unknown) =>
      execSync(instance, env(), command, (options ?? {}) as Options, forward),
  };
}
