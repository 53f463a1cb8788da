import { type Mutant, mutantsIn } from './mutant-file.ts';
import { readSource } from './sources.ts';

/** The files of protocol/, in the order in which their mutants are run: from the lock outwards. */
const PROTOCOL = [
  ...[
    'contend',
    'claiming',
    'settlement',
    'judge',
    'liveness',
    'certificate',
    'former-owners',
    'ownership',
    'free-claim',
    'serve-owner',
    'take-endpoint',
    'unix-path',
    'eviction',
    'litter',
    'reaper',
    'surrender',
    'generations',
    'state-directory',
    'synced',
    'read-found',
    'claim',
    'json',
  ],
  ...[
    'token',
    'identity',
    'health',
    'daemon',
    'bind-guard',
    'daemon-record',
    'pid-file-sweep',
    'orphan-scan',
  ],
  ...[
    'port-reconcile',
    'ours',
    'ours-chrome',
    'own-connection',
    'our-daemon',
    'our-host',
    'spawn-gate',
    'single-flight',
  ],
  ...['circuit-breaker', 'broker', 'degraded', 'child-mark', 'exemption', 'tenure'],
];

/** The files of checker/. */
const CHECKER = [
  ...['observed', 'simulate', 'verdict', 'shrink', 'critical', 'parallel', 'isolation'],
  ...['explore', 'reduction', 'memo', 'levels', 'lockstep', 'storm'],
  ...['run', 'coverage', 'scenario', 'schedule', 'token', 'recorded'],
  ...[
    'state',
    'accesses',
    'forgotten',
    'scheduler',
    'processes',
    'signals',
    'clocks',
    'faults',
    'files',
    'sockets',
    'streams',
    'guest',
  ],
  'viewer',
];

const read = new Map<string, readonly Mutant[]>();

/**
 * The mutants of the protocol, and of the programs that are built on it.
 *
 * @throws MutantError when they cannot be read
 */
export function protocolMutants(): readonly Mutant[] {
  return mutantsOf('protocol', PROTOCOL);
}

/**
 * The mutants of what judges the protocol: the simulation, the search, the verdicts. Each is killed by one test.
 *
 * @throws MutantError when they cannot be read
 */
export function checkerMutants(): readonly Mutant[] {
  return mutantsOf('checker', CHECKER);
}

function mutantsOf(folder: string, names: readonly string[]): readonly Mutant[] {
  const known = read.get(folder);
  if (known !== undefined) return known;
  const mutants = names.flatMap((name) => {
    const file = `mutation/${folder}/${name}.diff`;
    return mutantsIn(readSource(file), `src/${file}`);
  });
  read.set(folder, mutants);
  return mutants;
}
