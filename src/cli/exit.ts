/** The end of this process is the command's own: what scenarios call and throw outside of their runs must not bring it about. */

/** Before anybody could replace it. */
export const exitNow: (code?: number) => never = process.exit.bind(process);

/** Exceptions that nothing has caught, in the order in which they came. */
export const strays: unknown[] = [];

let holding = false;

/** Whether the command that works may not be ended by anybody else. */
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
