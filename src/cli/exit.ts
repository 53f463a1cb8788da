/** Ensures that only the command ends this process, not a call or an exception of scenario code outside a run. */

/** The original, saved before a scenario file is loaded, which may replace it. */
export const exitNow: (code?: number) => never = process.exit.bind(process);

/** Uncaught exceptions, in their order. */
export const strays: unknown[] = [];

let holding = false;

/** Whether only the command may end this process. */
export function isHolding(): boolean {
  return holding;
}

/** Makes `process.exit` throw, and collects uncaught exceptions in {@link strays}. */
export function holdOn(): void {
  holding = true;
  process.exit = (code) => {
    throw new Error(
      `process.exit(${code ?? ''}) was called: a scenario must not end the process that checks it`,
    );
  };
  process.on('uncaughtException', (error) => void strays.push(error));
  process.on('unhandledRejection', (error) => void strays.push(error));
}
