/** orchestrator on our identities, with the faults of the findings and more. */
import { oneSurvivor, type Scenario, sometimes } from '../../../scenario/index.ts';
import * as model from '../../model/invariants.ts';
import { TIMING } from '../../model/setup.ts';
import { afterFaults, at, foreign, isA, type Member, scenariosOf, start } from '../../vocabulary/index.ts';
import { COME_AND_GO, FORMER, shared } from '../before.ts';
import * as must from '../invariants.ts';
import { PLUGIN, STATE } from '../setup.ts';
import { hook, OURS, server } from './server.ts';
import { embeddingServer, ourSidecar, SIDECARS } from './sidecar.ts';

const { REAPED, SIBLING, SUSPECT } = must;
const BOX = { pidNamespace: 'box' };

const ours: Member = {
  ...shared,
  programs: { ...shared.programs, hook: hook(OURS), server: server(OURS) },
  settleMs: 3_500,
  invariants: [
    ...shared.invariants!,
    must.noStaleFile(must.BY_IDENTITY),
    must.noLitter,
    must.liveKeepsFile(must.BY_IDENTITY, { served: true }),
    must.noPhantom,
    must.orphansReported,
    must.noneReportedWrongly,
    must.siblingsSeen,
    must.oneServerPerSession,
  ],
};

const OF_FILES = scenariosOf('orchestrator/ours', ours, {
  hygiene: {
    about: 'sessions and servers killed or stopped at any moment, foreign processes born with their PIDs',
    start: [...COME_AND_GO.slice(1), 'oldclaude 200'],
    faults: { kill: 2, stop: { max: 1, forMs: [50, 1_200] }, 'pid-reuse': 1 },
    machine: { files: FORMER },
    invariants: [REAPED, SUSPECT, SIBLING],
  },
  'lost-state': {
    about: 'files vanish, are torn or overwritten while their sessions live',
    start: ['claude one', at(200, 'claude two'), afterFaults('claude last')],
    faults: {
      'lose-state': { max: 2, under: STATE },
      'tear-state': { max: 1, under: STATE },
      'corrupt-state': { max: 1, under: STATE },
      kill: 1,
    },
    invariants: [SIBLING],
  },
  container: {
    about: 'PID 1 of a container is a session, which adopts and does not reap; a server is stopped for good',
    start: [
      start('claude outer', { ...BOX, pid: 1 }),
      start('shell', { ...BOX, foreign: true }),
      start('claude brief 800', { ...BOX, parent: 'shell' }),
      start('stopper brief', { ...BOX, foreign: true, atMs: 400 }),
      afterFaults(start('claude last', BOX)),
    ],
    invariants: [REAPED, SUSPECT],
  },
  'shared-directory': {
    about: 'a container and the machine share the project: neither judges the files of the other',
    start: [
      start('claude inside', BOX),
      start('nest 9 oldserver', { ...BOX, parent: 'claude' }),
      'claude outside 900',
      afterFaults('claude last'),
    ],
    invariants: [REAPED, SIBLING],
  },
  'two-users': {
    about: "sessions of two users in one project: each sees that the other's live, and whose file is whose",
    start: [
      foreign('admin'),
      start('claude one 1000', { uid: 1_000, atMs: 10 }),
      start('claude two', { uid: 1_001, atMs: 10 }),
      afterFaults(start('claude last', { uid: 1_000 })),
    ],
    machine: { busyMs: 0 },
    faults: { kill: 1 },
    invariants: [REAPED, SIBLING],
  },
});

/** A sidecar that is stopped is ended by the next one: so there are signals, of which none hits another. */
const embedding: Member = {
  ...shared,
  programs: { ...shared.programs, server: embeddingServer, sidecar: ourSidecar },
  machine: { busyMs: 50, files: { [PLUGIN]: null } },
  settleMs: 9_000,
  invariants: [
    ...model.SAFETY,
    model.healthyOwnerStays(TIMING),
    model.noStaleState(SIDECARS),
    oneSurvivor({
      of: 'the sidecar',
      // One that is stopped for good before it owned neither serves nor harms.
      among: ({ processes }) =>
        processes.filter((process) => isA(process, 'sidecar') && process.state === 'running'),
      serves: (survivor, world) => model.whyNotTheHead(SIDECARS, survivor, world),
    }),
    sometimes('a session has embeddings', 'embeds'),
  ],
};

const OF_THE_SIDECAR = scenariosOf('orchestrator/ours', embedding, {
  'one-sidecar': {
    about: 'sessions start at once and each wants a sidecar; processes are killed or stopped at any moment',
    start: ['claude one', 'claude two', at(500, 'claude three 500'), afterFaults('claude last')],
    faults: { kill: 2, stop: { max: 1, forMs: [50, 1_500, Number.POSITIVE_INFINITY] } },
    invariants: [model.TAKEOVER],
  },
});

export const OURS_SCENARIOS: readonly Scenario[] = [...OF_FILES, ...OF_THE_SIDECAR];
