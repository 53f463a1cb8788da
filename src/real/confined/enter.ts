/** How a process of a trial begins: it makes sure that it is one, and from then on sees nothing else. */
import { join } from 'node:path';
import { hostOf } from '../../node/host.ts';
import type { Machine } from '../../ports/index.ts';
import { hasWord } from '../environment.ts';
import { MARKER } from '../processes.ts';
import { ConfinedMachine } from './machine.ts';
import { LEASH_VARIABLE, ROOT, readSiteFile, TRACES } from './site-file.ts';

const WATCH_EVERY_MS = 1_000;

/** What {@link file://../../node/run.ts} needs. */
export interface Entered {
  readonly config: Readonly<Record<string, string>>;
  /** Whether it waits until it is let go. */
  readonly isOnLeash: boolean;
  /** @param programs the programs that the process may start, by the first word of their commands */
  confine(programs: Iterable<string>): (machine: Machine) => Machine;
  /** Where it writes its trace. */
  tracePath(program: string): string;
}

/**
 * @param directory that of the trial
 * @param prefix how the command line of each process of the trial begins
 * @throws if the directory is not that of a trial, or this process was not started by it
 */
export function enter(directory: string, prefix: readonly string[]): Entered {
  const { word, runner, tcpPorts, config } = readSiteFile(directory);
  if (!process.env[MARKER]?.split(' ').includes(word))
    throw new Error(
      `this process was not started by the trial of ${directory}: its word is missing in ${MARKER}`,
    );
  const isOnLeash = process.env[LEASH_VARIABLE] !== undefined;
  delete process.env[LEASH_VARIABLE];
  const host = hostOf(process.platform);
  // If the runner was killed, no other process ends us.
  setInterval(() => {
    if (!isRunning(() => host.startTicks(runner.pid), runner.startTicks)) process.exit(1);
  }, WATCH_EVERY_MS).unref();
  return {
    config,
    isOnLeash,
    confine: (programs) => (machine) =>
      new ConfinedMachine(machine, host, {
        ...{ root: join(directory, ROOT), tcpPorts, prefix },
        programs: new Set(programs),
        isOurs: (pid) => hasWord(pid, word),
      }),
    tracePath: (program) =>
      join(directory, TRACES, `${program}.${process.pid}.${host.startTicks(process.pid)}.jsonl`),
  };
}

function isRunning(startTicks: () => number, expected: number): boolean {
  try {
    return startTicks() === expected;
  } catch {
    return false;
  }
}
