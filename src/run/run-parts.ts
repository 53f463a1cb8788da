/** What all runs of a scenario share, computed once. */

import { prepared } from '../ports/preparation.ts';
import { foldersOf } from '../ports/program-folders.ts';
import { type Container, containersOf } from '../scenario/containers.ts';
import type { Scenario } from '../scenario/options.ts';
import type { MachineOptions } from '../sim/index.ts';

export interface RunParts {
  readonly containers: ReadonlyMap<string, Container>;
  readonly options: MachineOptions;
}

const known = new WeakMap<Scenario, RunParts>();

export function partsOf(scenario: Scenario): RunParts {
  let parts = known.get(scenario);
  if (parts === undefined) {
    for (const program of scenario.programs.values()) prepared(program);
    const folders = [...scenario.programs.values()].flatMap(foldersOf);
    parts = {
      containers: containersOf(scenario.start),
      options: {
        durable: Object.hasOwn(scenario.faults, 'power-cut'),
        ...scenario.machine,
        ...(folders.length > 0 && { files: withFoldersOf(folders, scenario.machine.files) }),
      },
    };
    known.set(scenario, parts);
  }
  return parts;
}

/**
 * A folder that is a file there stays one. The folders come last: which of them there are depends on where the project is, and the inode
 * numbers of the files of the scenario may not.
 */
function withFoldersOf(
  folders: readonly string[],
  files: MachineOptions['files'] = {},
): NonNullable<MachineOptions['files']> {
  const others = folders.filter((folder) => !Object.hasOwn(files, folder));
  return { ...files, ...Object.fromEntries(others.map((folder) => [folder, null])) };
}
