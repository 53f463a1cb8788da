import { fnv1a32 } from '../scenario/hash.ts';
import type { World } from '../scenario/world.ts';
import type { SimProcess } from '../sim/index.ts';
import { mix } from './random.ts';

/** The rest of a longer file is ignored. */
const MAX_TEXT = 120;
/** Matches PIDs, times, generations and random names. */
const NUMBERS = /[0-9a-f]{8,}|\d+/gi;

/**
 * A fingerprint of what matters to a protocol: the existing files and their content, with all numbers treated as equal; and for
 * each process whether it is alive, its last mark, and which files contain its PID. Times, PIDs and the identity of
 * processes make no difference.
 */
export function abstractStateOf(world: World, saidLast: ReadonlyMap<SimProcess, string>): number {
  // Processes in equal states count once; otherwise every number of processes would be a new state.
  const facts = new Set<number>();
  const namedIn = new Map<number, string>();
  const files = world.files();
  for (const path in files) {
    const { name, hash, pids } = lookOf(path, files[path]!);
    facts.add(hash);
    for (const pid of pids) namedIn.set(pid, `${namedIn.get(pid) ?? ''} ${name}`);
  }
  const owners = new Set(world.currentClaims.map(({ process }) => process));
  for (const process of world.processes) {
    const { program, foreign, state, pid } = process;
    const kind = foreign || program === null ? 'other' : process.name.slice(0, process.name.lastIndexOf('#'));
    const said = saidLast.get(process) ?? '';
    facts.add(fnv1a32(`${kind} ${state} ${said} ${owners.has(process)}${namedIn.get(pid) ?? ''}`));
  }
  // A sum is independent of the order.
  let sum = 0;
  for (const hash of facts) sum = (sum + mix(hash, facts.size)) | 0;
  return sum >>> 0;
}

/** The abstract content of a file. */
interface Look {
  readonly name: string;
  readonly hash: number;
  /** The numbers in it that may be PIDs, including duplicates. */
  readonly pids: readonly number[];
}

/** A cache: most files do not change between states, and most runs write the same content. */
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
