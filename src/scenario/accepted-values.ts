/** What each option of a scenario accepts, with an example: the words of error messages. */
import { FAULT_NAMES, type FaultName, type MachineOptions, OPERATION_NAMES } from '../sim/index.ts';
import type { Precondition } from './invariant.ts';
import { atMostOneOwner } from './invariants.ts';
import type { ScenarioOptions, Start } from './options.ts';

/** What an option accepts. */
export interface Accepts {
  /** Completes "expected …". */
  readonly what: string;
  /** Completes "such as …": the option with a value, as one writes it. */
  readonly example: string;
  /** The accepted values, if they are names. */
  readonly names?: readonly string[];
}

const TRUE_OR_FALSE = 'true or false';
const TEXT = 'a string';
const MS = 'milliseconds, 0 or more';
const MAX_PID = 4_194_304;
export const TWO_PHASE = OPERATION_NAMES.filter((name) => name !== 'mark' && name !== 'exit');

const OPTIONS: Readonly<Record<keyof ScenarioOptions, Accepts>> = {
  id: {
    what: 'system/variant/name in lower case letters, digits, - and _',
    example: "id: 'mine/lock/starts'",
  },
  about: { what: 'a string: one line for the list', example: "about: 'three starts at once'" },
  expects: named(['pass', 'violation'], "expects: 'pass'"),
  violates: { what: 'the name of an invariant', example: `violates: '${atMostOneOwner.name}'` },
  remedy: { what: 'a string: one sentence', example: "remedy: 'link a complete file'" },
  programs: {
    what: 'an object of programs, each a function',
    example: 'programs: { daemon: async (ports) => 0 }',
  },
  start: {
    what: 'an array of at least one start',
    example: "start: [{ program: 'daemon', count: 3 }]",
  },
  faults: {
    what: 'an object of faults',
    example: 'faults: { kill: 1, stop: { max: 2, forMs: [50, 1_500] } }',
  },
  machine: { what: 'an object of options', example: "machine: { files: { '/tmp/daemon.pid': '4711' } }" },
  invariants: {
    what: 'an array of invariants',
    example: "invariants: [atMostOneOwner, sometimes('a contender lost', 'lost')]",
  },
  owner: {
    what: 'how an owner is known: { listensOn: { tcpPort } }, { listensOn: { path } }, { answers: url }, { isNamedIn: file }, { matches: function }, or { all: an array of these }',
    example: 'owner: { listensOn: { tcpPort: 7_000 } }',
  },
  faultsForMs: { what: MS, example: 'faultsForMs: 3_000' },
  settleMs: { what: MS, example: 'settleMs: 10_000' },
  maxSteps: { what: 'a whole number from 0 to 1000000', example: 'maxSteps: 50_000' },
  crashes: named(['forbidden', 'allowed'], "crashes: 'allowed'"),
  ambient: named(['forbidden', 'allowed'], "ambient: 'allowed'"),
};

const START: Readonly<Record<keyof Start, Accepts>> = {
  program: { what: 'the name of one of the programs', example: "program: 'daemon'" },
  argv: { what: 'an array of strings', example: "argv: ['--port', '4711']" },
  count: { what: 'a whole number from 1 to 64', example: 'count: 3' },
  optional: { what: TRUE_OR_FALSE, example: 'optional: true' },
  atMs: { what: `simulated ${MS}`, example: 'atMs: 500' },
  phase: named(['faults', 'settle'], "phase: 'settle'"),
  uid: { what: 'a whole number from 0', example: 'uid: 1000' },
  foreign: { what: TRUE_OR_FALSE, example: 'foreign: true' },
  atBoot: { what: TRUE_OR_FALSE, example: 'atBoot: true' },
  wallOffsetMs: {
    what: 'milliseconds, negative for a clock that is behind',
    example: 'wallOffsetMs: -60_000',
  },
  pidNamespace: { what: 'a non-empty string: the name of a container', example: "pidNamespace: 'blue'" },
  hostname: { what: 'a non-empty string', example: "hostname: 'laptop'" },
  network: { what: 'a non-empty string: the name of a network', example: "network: 'host'" },
  pid: { what: `a whole number from 1 to ${MAX_PID}`, example: 'pid: 1' },
  subreaper: { what: TRUE_OR_FALSE, example: 'subreaper: true' },
  parent: { what: 'the name of a program that an earlier start names', example: "parent: 'shell'" },
};

const MACHINE: Readonly<Record<keyof MachineOptions, Accepts>> = {
  files: {
    what: 'an object of paths and texts (null for a directory)',
    example: "files: { '/run/lock': '4711', '/var/empty': null }",
  },
  wallMs: { what: 'milliseconds since 1970', example: 'wallMs: Date.UTC(2026, 0, 1)' },
  uptimeMs: { what: MS, example: 'uptimeMs: 1_000_000' },
  operationUs: { what: 'microseconds, 0 or more', example: 'operationUs: 20' },
  busyMs: { what: MS, example: 'busyMs: 300' },
  wallDrift: { what: 'a number: how much faster the wall clock goes', example: 'wallDrift: 0.01' },
  durable: { what: TRUE_OR_FALSE, example: 'durable: true' },
  timeGranularityMs: { what: 'milliseconds, 1 or more', example: 'timeGranularityMs: 1_000' },
  filesystemType: { what: 'a whole number from 0', example: 'filesystemType: 0x6969' },
  capacityBytes: { what: 'a whole number from 0', example: 'capacityBytes: 4_096' },
  readdirBatch: { what: 'a number from 1, or Infinity', example: 'readdirBatch: 32' },
  inodes: named(['reused', 'unique', 'by-creator'], "inodes: 'unique'"),
  firstPid: { what: 'a whole number from 2', example: 'firstPid: 1_000' },
  maxProcesses: { what: 'a whole number from 1', example: 'maxProcesses: 1_024' },
  pidMax: { what: `a whole number from 400 to ${MAX_PID}`, example: 'pidMax: 32_768' },
  hostname: { what: 'a non-empty string', example: "hostname: 'laptop'" },
  lingerMs: { what: MS, example: 'lingerMs: 5' },
  hidepid: { what: 'true or false', example: 'hidepid: true' },
  twoPhase: { what: 'an array of operations', example: "twoPhase: ['link', 'rename']" },
};

const INVARIANT: Accepts = {
  what: 'what always(…), eventually(…) or sometimes(…) returns',
  example: 'invariants: [atMostOneOwner]',
};
/** The parts of an invariant that an author sets. */
const INVARIANT_PARTS: Readonly<Record<'name' | 'when' | 'requires', Accepts>> = {
  name: { what: 'a non-empty string', example: "name: 'one owner'" },
  when: named(['step', 'change'], "when: 'change'"),
  requires: { what: 'the name of a mark, or { what, met }', example: "requires: 'own'" },
};
const REQUIRES_PARTS: Readonly<Record<keyof Precondition, Accepts>> = {
  what: { what: TEXT, example: "what: 'a takeover'" },
  met: { what: 'a function', example: "met: ({ marks }) => marks.has('takeover')" },
  optional: { what: TRUE_OR_FALSE, example: 'optional: true' },
};

/** The lengths that a fault accepts: a clock jumps both ways, and an error that lasts 0 ms strikes once. */
export const LEAST_MS: Partial<Record<FaultName, number>> = {
  'clock-jump': Number.NEGATIVE_INFINITY,
  eio: 0,
  enospc: 0,
  emfile: 0,
  eacces: 0,
  'spawn-fails': 0,
};

function lengthsOf(fault: FaultName): string {
  const least = LEAST_MS[fault];
  if (least === undefined) return 'milliseconds (more than 0, or Infinity)';
  return least === 0 ? 'milliseconds (0 or more)' : 'milliseconds (numbers)';
}

function planOf(fault: FaultName): Accepts {
  const key = /^\w+$/.test(fault) ? fault : `'${fault}'`;
  if (fault === 'port-grab')
    return {
      what: '{ max, tcpPort }: which TCP port (1 to 65535) has no default',
      example: `${key}: { max: 1, tcpPort: 4711 }`,
    };
  return {
    what: `how often at most in a run (a whole number from 0), or { max, forMs, under }: ${lengthsOf(fault)}, under an absolute path`,
    example: `${key}: 1`,
  };
}

function settingOf(fault: FaultName, setting: PropertyKey, isItem: boolean): Accepts | null {
  switch (setting) {
    case 'max':
      return { what: 'a whole number from 0', example: 'max: 2' };
    case 'forMs': {
      const each = lengthsOf(fault);
      return {
        what: isItem ? each : `an array of at least one length: ${each}`,
        example: 'forMs: [50, 1_500]',
      };
    }
    case 'under':
      return { what: 'an absolute path', example: "under: '/state'" };
    case 'tcpPort':
      return {
        what: `a whole number from 1 to 65535${fault === 'port-grab' ? ': which TCP port has no default' : ''}`,
        example: 'tcpPort: 4711',
      };
    default:
      return null;
  }
}

/** What is accepted at a place of the options; `null` if it is not known there. */
export function acceptsAt([option, key, field, item]: readonly PropertyKey[]): Accepts | null {
  if (key === undefined) return at(OPTIONS, option);
  switch (option) {
    case 'start':
      if (field === undefined) return { ...OPTIONS.start, what: 'an object with the name of a program' };
      return item === undefined ? at(START, field) : { what: TEXT, example: START.argv.example };
    case 'machine':
      if (field === undefined) return at(MACHINE, key);
      if (key === 'twoPhase') return named(TWO_PHASE, MACHINE.twoPhase.example, 'the name of an operation');
      return key === 'files' ? { ...MACHINE.files, what: 'a string, or null for a directory' } : null;
    case 'faults': {
      const fault = FAULT_NAMES.find((name) => name === key);
      if (fault === undefined) return null;
      return field === undefined ? planOf(fault) : settingOf(fault, field, item !== undefined);
    }
    case 'owner':
      return OPTIONS.owner;
    case 'programs':
      return { ...OPTIONS.programs, what: 'a function' };
    case 'invariants':
      if (item !== undefined) return at(REQUIRES_PARTS, item) ?? INVARIANT;
      return at(INVARIANT_PARTS, field) ?? INVARIANT;
    default:
      return null;
  }
}

function at<Table extends object>(table: Table, key: PropertyKey | undefined): Accepts | null {
  return key !== undefined && Object.hasOwn(table, key) ? (table[key as keyof Table] as Accepts) : null;
}

/** @param what if there are too many names for a message */
function named(names: readonly string[], example: string, what?: string): Accepts {
  return { what: what ?? `one of ${names.map((name) => JSON.stringify(name)).join(', ')}`, example, names };
}
