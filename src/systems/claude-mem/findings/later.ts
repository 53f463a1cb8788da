/** What the registry of processes and the database server still get wrong. */
import { eventually, nothingForeignSignalled, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  foreign,
  listensAt,
  scenariosOf,
  signalHolders,
  times,
} from '../../vocabulary/index.ts';
import * as must from '../invariants.ts';
import { BEGUN, crash, FOUND, STOPPED, served, supervised } from '../later.ts';
import { clientOf, hangUp } from '../programs/client.ts';
import { addressOf, CHROMA_TCP_PORT } from '../setup.ts';

const OF_REGISTRY = scenariosOf('claude-mem/after', supervised, {
  'registry-pid-reuse': {
    about:
      'the registry names processes by PID: a foreign one with the PID of an agent is ended with its session',
    remedy: 'a line names a process by PID and start time, and the signal goes to that process only',
    breaks: nothingForeignSignalled,
    // It ends by itself, and its line stays.
    programs: { agent: endsAfter(600), crash },
    start: [
      'worker',
      at(100, times(2, 'session begins a')),
      at(400, 'crash'),
      afterFaults('worker'),
      afterFaults('session ends a', 500),
    ],
    faults: { 'pid-reuse': 2 },
    invariants: [BEGUN],
  },
  'registry-gap': {
    about: 'a worker is killed between the start of an agent and its line in the registry: the agent stays',
    remedy: 'a process names its owner on its command line, from its first moment on',
    breaks: must.noAgentLeft,
    programs: { hangup: hangUp },
    start: [
      'worker',
      at(100, times(6, 'session begins a')),
      afterFaults('worker'),
      afterFaults('hangup', 1_000),
    ],
    faults: { kill: 1 },
    invariants: [STOPPED],
  },
});

const answeredAgain = eventually('a search is answered after the end of the server', ({ marks }) =>
  marks.has('found-again') ? null : 'none was',
);

const OF_SERVER = scenariosOf('claude-mem/after', served, {
  'reused-server-gone': {
    about: 'a worker has found the server of a former one ready, and never notices that it has ended',
    remedy: 'ready is what answers now: a failed query is followed by a look at the server, and a start',
    breaks: answeredAgain,
    programs: {
      crash,
      'crash-server': (ports) => signalHolders(ports, CHROMA_TCP_PORT, 'SIGKILL'),
      late: clientOf(4, 'found-again'),
    },
    start: [
      'worker',
      at(1_500, 'crash'),
      at(1_700, 'worker'),
      at(3_000, 'client'),
      afterFaults('crash-server'),
      afterFaults('late', 1_000),
    ],
    faultsForMs: 6_000,
    invariants: [FOUND],
  },
  'orphan-server': {
    about: 'a worker that uses the server of a crashed one does not end it: it is left when no worker is',
    remedy:
      'the server names its owner, and the process that takes over from that owner takes over its server',
    breaks: must.noOrphanServer,
    programs: { crash, hangup: hangUp },
    start: ['worker', at(1_500, 'crash'), at(1_700, 'worker'), afterFaults('hangup', 1_000)],
    faultsForMs: 3_000,
    invariants: [STOPPED],
  },
  'foreign-server': {
    about: 'a foreign server on the database’s TCP port answers 200, and gets the searches',
    remedy: 'the answer to a heartbeat names its owner, by a nonce that only the two know',
    breaks: must.searchedOurs,
    programs: { stranger: listensAt(addressOf(CHROMA_TCP_PORT), { status: 200, body: '' }) },
    start: [foreign('stranger'), at(100, 'worker'), at(1_000, 'client')],
    invariants: [
      sometimes('a search was asked for', ({ marks }) => marks.has('found') || marks.has('not-found')),
    ],
  },
});

export const OF_LATER: readonly Scenario[] = [...OF_REGISTRY, ...OF_SERVER];
