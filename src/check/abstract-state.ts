import type { SimProcess } from '../sim/index.ts';
import { fnv1a } from './hash.ts';
import type { World } from './world.ts';

/** Longer contents differ in what nobody looks at. */
const MAX_TEXT = 120;
/** PIDs, times, generations, random names. */
const NUMBERS = /[0-9a-f]{8,}|\d+/gi;

/**
 * The name of a state in which all is left out but what a protocol is about: which files there are and what they say, with
 * numbers taken for each other; of each process whether it lives, what it has said last, and which files name it. Times,
 * PIDs and who of several is who make no difference.
 */
export function abstractStateOf(world: World, saidLast: ReadonlyMap<SimProcess, string>): number {
  const files: string[] = [];
  const namedIn = new Map<number, string>();
  for (const [path, text] of Object.entries(world.files())) {
    const name = path.replace(NUMBERS, '#');
    if (text === null) {
      files.push(`${name}/`);
      continue;
    }
    const content = text.slice(0, MAX_TEXT).replace(NUMBERS, (digits) => {
      const pid = Number(digits);
      if (Number.isSafeInteger(pid)) namedIn.set(pid, `${namedIn.get(pid) ?? ''} ${name}`);
      return '#';
    });
    files.push(`${name}=${content}`);
  }
  const processes = world.processes.map((process) => {
    const { program, foreign, state, pid } = process;
    const owns = world.currentClaims.some((claim) => claim.process === process);
    const kind = foreign || program === null ? 'other' : process.name.slice(0, process.name.lastIndexOf('#'));
    return `${kind} ${state} ${saidLast.get(process) ?? ''} ${owns}${namedIn.get(pid) ?? ''}`;
  });
  // Two that are in the same state are as good as one: else each number of processes would be new.
  const told = [...new Set(files).values()].sort().concat('', [...new Set(processes)].sort());
  return Number.parseInt(fnv1a(told.join('\n')), 16);
}
