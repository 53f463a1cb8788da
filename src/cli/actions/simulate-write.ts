/** `simulate --write`: a scenario file that checks the same command with the same options. */
import { writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { commandFileText } from '../../project/commands.ts';
import { makeFolder } from '../../project/make-folder.ts';
import { shellQuote } from '../../report/report.ts';
import { UsageError } from '../errors.ts';
import type { HarassmentOptions } from '../harassment.ts';
import type { CommandFilesOptions, Prepared } from './simulate-prepare.ts';

/**
 * Writes the file.
 *
 * @returns its path, relative to the working directory
 * @throws UsageError if it exists, or cannot be written
 */
export function writeScenarioFile(
  path: string,
  { command, words }: Prepared,
  options: HarassmentOptions & CommandFilesOptions,
): string {
  const target = resolve(path);
  const given = [...optionWords(options), '--', ...words].map(shellQuote);
  try {
    makeFolder(dirname(target));
    writeFileSync(target, commandFileText(target, command, given), { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`--write: ${path} exists; name another file, or remove it`);
    throw new UsageError(`--write: ${path} cannot be written: ${message}`);
  }
  return relative(process.cwd(), target);
}

/** The options that the file has taken over, as they were given. */
function optionWords({
  starts,
  faults,
  owner,
  stateDir,
  settle,
  expect,
  file = [],
}: HarassmentOptions & CommandFilesOptions): string[] {
  const given = {
    starts,
    faults,
    owner,
    'state-dir': stateDir,
    settle: settle === undefined ? undefined : `${settle}ms`,
    expect,
  };
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  return [...words, ...file.flatMap((each) => ['--file', each])];
}
