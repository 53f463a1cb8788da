import { type Invariant, type Scenario, scenario } from '../../scenario/index.ts';
import {
  BY_IDENTITY,
  liveKeepsFile,
  nobodySignalled,
  noLitter,
  noneReportedWrongly,
  noPhantom,
  noStaleFile,
  orphansReported,
  siblingsSeen,
} from './invariants.ts';
import { OURS, hook as oursHook, server as oursServer } from './ours.ts';
import { COME_AND_GO, FORMER, type Options, PROGRAMS, REAPED, SIBLING, SUSPECT } from './script.ts';
import { STATE } from './setup.ts';

const OURS_SAFETY: readonly Invariant[] = [
  noStaleFile(BY_IDENTITY),
  noLitter,
  liveKeepsFile(BY_IDENTITY, { served: true }),
  noPhantom,
  orphansReported,
  noneReportedWrongly,
  siblingsSeen,
];

function ours({ id, about, ...options }: Options): Scenario {
  return scenario({
    id: `orchestrator/ours/${id}`,
    about: about ?? '',
    programs: { ...PROGRAMS, hook: oursHook(OURS), server: oursServer(OURS) },
    faultsForMs: 1_500,
    settleMs: 3_500,
    machine: { busyMs: 50 },
    ...options,
    invariants: [nobodySignalled, ...OURS_SAFETY, ...options.invariants],
  });
}

export const OURS_SCENARIOS = [
  ours({
    id: 'hygiene',
    about: 'sessions and servers killed or stopped at any moment, strangers born with their PIDs',
    start: [...COME_AND_GO.slice(1), { program: 'oldclaude', argv: ['200'] }],
    faults: { kill: 2, stop: { max: 1, forMs: [50, 1_200] }, 'pid-reuse': 1 },
    machine: { busyMs: 50, files: FORMER },
    invariants: [REAPED, SUSPECT, SIBLING],
  }),
  ours({
    id: 'lost-state',
    about: 'files vanish, are torn or overwritten while their sessions live',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'], atMs: 200 },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    faults: {
      'lose-state': { max: 2, under: STATE },
      'tear-state': { max: 1, under: STATE },
      'corrupt-state': { max: 1, under: STATE },
      kill: 1,
    },
    invariants: [SIBLING],
  }),
  ours({
    id: 'container',
    about:
      'in a container whose PID 1 is a session: it adopts, it reaps nobody; a server is stopped for good',
    start: [
      { program: 'claude', argv: ['outer'], pidNamespace: 'box', pid: 1 },
      { program: 'shell', pidNamespace: 'box', foreign: true },
      { program: 'claude', argv: ['brief', '800'], pidNamespace: 'box', parent: 'shell' },
      { program: 'stopper', argv: ['brief'], pidNamespace: 'box', foreign: true, atMs: 400 },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', phase: 'settle' },
    ],
    invariants: [REAPED, SUSPECT],
  }),
  ours({
    id: 'shared-directory',
    about:
      'a container and the machine share the project: nobody judges what is of the other; a server is deep below its session',
    start: [
      { program: 'claude', argv: ['inside'], pidNamespace: 'box' },
      { program: 'nest', argv: ['9', 'oldserver'], pidNamespace: 'box', parent: 'claude' },
      { program: 'claude', argv: ['outside', '900'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [REAPED, SIBLING],
  }),
  ours({
    id: 'two-users',
    about: "sessions of two users in one project: each sees that the other's live, and whose file is whose",
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one', '1000'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
      { program: 'claude', argv: ['last'], uid: 1_000, phase: 'settle' },
    ],
    machine: { busyMs: 0 },
    faults: { kill: 1 },
    invariants: [REAPED, SIBLING],
  }),
];
