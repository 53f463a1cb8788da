/** Work of a program that is the same in all runs, such as to compile its files: done before the first one, so that no step waits for it. */
import type { Program } from './ports.ts';

const known = new WeakMap<Program, () => void>();

/** @param prepare called once, before the first run with the program; it does not throw */
export function withPreparation(program: Program, prepare: () => void): Program {
  known.set(program, prepare);
  return program;
}

export function prepared(program: Program): void {
  const prepare = known.get(program);
  if (prepare === undefined) return;
  known.delete(program);
  prepare();
}
