/** Runs a file as the main module of a process: what the scenario starts, and what programs start as `node FILE`. */
import type { Runtime } from './runtime.ts';
import { Ended } from './script.ts';
import { uncaughtText } from './uncaught.ts';

/** What `process` shows of how it was started. */
export interface MainFile {
  /** An absolute path on the real disk, without symbolic links. */
  readonly filename: string;
  readonly args: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env: Record<string, string>;
}

export function runMainFile(runtime: Runtime, { filename, args, execArgv = [], env }: MainFile): void {
  const { guest, simulated, modules, packageFiles } = runtime;
  const { execPath } = guest as unknown as { execPath: string };
  guest.argv = [execPath, filename, ...args];
  guest.execArgv = [...execArgv];
  packageFiles.allow(filename);
  guest.env = env;
  // As the process table has it on a real machine: other programs find the process by it.
  simulated.command = [execPath, ...execArgv, filename, ...args];
  Object.defineProperty(guest, 'mainModule', { get: () => modules.main, configurable: true });
  printUncaught(runtime);
  const awaited = modules.runMain(filename);
  if (awaited !== undefined) untilSettled(awaited, runtime);
}

/** As in Node: code 13 if the event loop is empty before the main module has run to its end. */
function untilSettled(awaited: Promise<void>, { guest, crashes }: Runtime): void {
  const unsettled = (): void => {
    guest.exitCode ??= 13;
  };
  guest.on('exit', unsettled);
  awaited.then(
    () => guest.off('exit', unsettled),
    (error: unknown) => {
      guest.off('exit', unsettled);
      crashes(error);
    },
  );
}

/** As in Node, an exception that ends the process is printed after the handlers of `exit` have run. */
function printUncaught({ guest, simulated }: Runtime): void {
  const { uncaught } = simulated;
  simulated.uncaught = (error, promise) => {
    if (uncaught?.(error, promise)) return true;
    const { node } = guest.versions as { node: string };
    try {
      (guest.stderr as { write(text: string): unknown }).write(uncaughtText(error, node));
    } catch (thrown) {
      if (!(thrown instanceof Ended)) throw thrown;
      // The instance is given up before it prints: it fails again when it is run again.
      return true;
    }
    return false;
  };
}
