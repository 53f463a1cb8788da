/** Only the command ends this process: code of a scenario that runs outside of a run must not, by a call or by an exception. */

/** The original, read before a scenario file is loaded: that may replace it. */
export const exitNow: (code?: number) => never = process.exit.bind(process);

/** Exceptions that nothing has caught, in the order in which they came. */
export const strays: unknown[] = [];

let holding = false;

/** Whether only the command may end this process. */
export function isHolding(): boolean {
  return holding;
}

/** From now on `process.exit` throws, and exceptions that nothing catches are kept in {@link strays}. */
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
