/** A step in words, for the tree of all schedules. */
import { plannedFaults } from '../scenario/index.ts';
import type { DfsRun } from './dfs/dfs-run.ts';
import type { Transition } from './dfs/transition.ts';

export function labelOf({ kind, process }: Transition, run: DfsRun): string {
  if (kind === 'time') return 'time passes';
  const name = run.world.processes.find(({ index }) => index === process)?.name;
  if (kind === 'fault') {
    const fault = plannedFaults(run.scenario)[run.faultNumber - 1] ?? 'a fault';
    return name === undefined ? `↯ ${fault}` : `↯ ${fault} ${name}`;
  }
  const { op, ...args } = (run.performed ?? { op: 'begin' }) as {
    op: string;
    path?: unknown;
    to?: unknown;
    name?: unknown;
  };
  const about = args.path ?? args.to ?? args.name;
  return `${name} ${op}${typeof about === 'string' ? ` ${about}` : ''}`;
}
