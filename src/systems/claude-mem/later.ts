/** What came after #1085: a database server behind a TCP port (v10.0.7), and a supervisor with a registry of processes (#1370). */
import type { Program } from '../../ports/index.ts';
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { at, type Member, scenariosOf, signalHolders, sleeper, times } from '../vocabulary/index.ts';
import * as must from './invariants.ts';
import { chromaServer, serverConnection } from './programs/chroma-server.ts';
import { clientOf, hangUp } from './programs/client.ts';
import { layered } from './programs/layers.ts';
import { sessionOf, supervisedWorker } from './programs/supervised-worker.ts';
import { DIRECTORY, TCP_PORT } from './setup.ts';

/** What all scenarios with a supervisor share. An agent ends when it is asked to. */
export const supervised: Member = {
  programs: {
    worker: supervisedWorker,
    agent: sleeper,
    session: sessionOf,
  },
  machine: { busyMs: 100, files: { [DIRECTORY]: null } },
  faultsForMs: 2_000,
  settleMs: 12_000,
};

/** What all scenarios with a database server share: of the layers all but the connection. */
export const served: Member = {
  programs: {
    ...layered(['mutex', 'bind-loser-ends', 'one-command'], { connection: serverConnection }),
    chroma: chromaServer,
    client: clientOf(3),
  },
  machine: { busyMs: 100, files: { [DIRECTORY]: null } },
  faultsForMs: 2_000,
  settleMs: 8_000,
};

/** The worker is killed. */
export const crash: Program = (ports) => signalHolders(ports, TCP_PORT, 'SIGKILL');

export const STOPPED = sometimes('a worker was asked to stop', 'worker-stops');
export const FOUND = sometimes('a search was answered', 'found');
export const BEGUN = sometimes('a session has begun', 'session-begins');

const WITH_SUPERVISOR = scenariosOf('claude-mem/after', supervised, {
  'session-ends-alone': {
    about: 'a session ends: its agents are ended by the registry, those of another session stay',
    start: [
      'worker',
      at(100, times(2, 'session begins a')),
      at(100, 'session begins b'),
      at(1_500, 'session ends a'),
    ],
    invariants: [
      must.onlyThisSessionEnds('a'),
      must.oneWorkerServes,
      BEGUN,
      sometimes('a session has ended', 'session-ends'),
    ],
  },
  'stop-ends-all': {
    programs: { hangup: hangUp },
    about: 'the worker is asked to stop: all that it has started ends with it, whatever the session',
    start: [
      'worker',
      at(100, times(2, 'session begins a')),
      at(100, 'session begins b'),
      at(1_500, 'hangup'),
    ],
    invariants: [must.noAgentLeft, BEGUN, STOPPED],
  },
});

const WITH_SERVER = scenariosOf('claude-mem/after', served, {
  'server-for-all': {
    about: 'concurrent searches find one database server, without a breaker or a count of chroma-mcp',
    start: [times(4, 'hook'), at(1_500, times(4, 'client'))],
    invariants: [must.oneWorker, must.oneServerInTheEnd, must.oneWorkerServes, FOUND],
  },
});

export const LATER: readonly Scenario[] = [...WITH_SUPERVISOR, ...WITH_SERVER];
