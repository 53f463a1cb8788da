import { fnv1a32 } from '../scenario/hash.ts';
import type { World } from '../scenario/world.ts';
import type { SimProcess } from '../sim/index.ts';
import { mix } from './random.ts';

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
  // Two that are in the same state are as good as one: else each number of processes would be new.
  const told = new Set<number>();
  const namedIn = new Map<number, string>();
  const files = world.files();
  for (const path in files) {
    const { name, hash, pids } = lookOf(path, files[path]!);
    told.add(hash);
    for (const pid of pids) namedIn.set(pid, `${namedIn.get(pid) ?? ''} ${name}`);
  }
  const owners = new Set(world.currentClaims.map(({ process }) => process));
  for (const process of world.processes) {
    const { program, foreign, state, pid } = process;
    const kind = foreign || program === null ? 'other' : process.name.slice(0, process.name.lastIndexOf('#'));
    const said = saidLast.get(process) ?? '';
    told.add(fnv1a32(`${kind} ${state} ${said} ${owners.has(process)}${namedIn.get(pid) ?? ''}`));
  }
  // A sum does not depend on the order.
  let sum = 0;
  for (const hash of told) sum = (sum + mix(hash, told.size)) | 0;
  return sum >>> 0;
}

/** How a file looks when numbers are taken for each other. */
interface Look {
  readonly name: string;
  readonly hash: number;
  /** The numbers in it that may be PIDs, each as often as it is there. */
  readonly pids: readonly number[];
}

/** Most files stay as they are from one state to the next, and most runs write what others have written. */
const looks = new Map<string, Look>();
const MAX_LOOKS = 10_000;

function lookOf(path: string, text: string | null): Look {
  const key = `${path}\0${text}`;
  let look = looks.get(key);
  if (look === undefined) {
    if (looks.size >= MAX_LOOKS) looks.clear();
    look = lookAt(path, text);
    looks.set(key, look);
  }
  return look;
}

function lookAt(path: string, text: string | null): Look {
  const name = path.replace(NUMBERS, '#');
  if (text === null) return { name, hash: fnv1a32(`${name}/`), pids: [] };
  const pids: number[] = [];
  const content = text.slice(0, MAX_TEXT).replace(NUMBERS, (digits) => {
    const pid = Number(digits);
    if (Number.isSafeInteger(pid)) pids.push(pid);
    return '#';
  });
  return { name, hash: fnv1a32(`${name}=${content}`), pids };
}
