/** chroma-mcp and its worker on our protocol: searches, orphans, clean stops, a breaker, a stranger on the TCP port. */
import { childMarker, EXIT } from '../../../model/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import * as model from '../../model/invariants.ts';
import {
  afterFaults,
  anyHasQuit,
  at,
  FIRST_PID,
  foreign,
  isA,
  listensAt,
  type Member,
  onChange,
  scenariosOf,
  sleeper,
  times,
  user,
} from '../../vocabulary/index.ts';
import { BREAKER } from '../constants.ts';
import * as must from '../invariants.ts';
import { chromaMcp } from '../programs/chroma-mcp.ts';
import { clientOf } from '../programs/client.ts';
import { addressOf, CHROMA_MOOD, TCP_PORT } from '../setup.ts';
import { DEAD, DIRECTORY, HOOK, REAPED, SPAWNED, shared, WORKER } from './family.ts';
import { searcher } from './searcher.ts';

const BREAKER_HOLDS = must.chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures);

const OF_CHROMA = scenariosOf('claude-mem/ours', shared, {
  orphans: {
    about: 'young chroma-mcp of crashed workers are ended, however many; one of another program stays',
    start: [
      foreign('chroma-mcp'),
      `chroma-mcp ${childMarker(DIRECTORY, DEAD)}`,
      `chroma-mcp ${childMarker(DIRECTORY, DEAD)}`,
      afterFaults('hook'),
    ],
    faultsForMs: 100,
    invariants: [SPAWNED, REAPED],
  },
  'concurrent-searches': {
    about: 'concurrent searches share one connection, with one process killed at any moment',
    programs: { client: clientOf(2) },
    start: ['worker', at(700, times(3, 'client')), afterFaults('worker')],
    faults: { kill: 1 },
    invariants: [sometimes('a search was answered', 'found')],
  },
  ...Object.fromEntries(
    ['fails', 'hangs', 'flaps', 'errs'].map((mood): [string, Member] => [
      `chroma-${mood}`,
      {
        about: `chroma-mcp ${mood}: three starts, and then none for a minute; never a second one beside it`,
        programs: { client: clientOf(5) },
        start: [times(1, 'worker'), at(700, times(1, 'client')), afterFaults(times(1, 'worker'))],
        machine: { files: { [CHROMA_MOOD]: mood } },
        faultsForMs: 1_000,
        settleMs: 6_000,
        invariants: [
          BREAKER_HOLDS,
          must.oneChromaProcess,
          sometimes('three were started', ({ processes }) => {
            return processes.filter((process) => isA(process, 'chroma-mcp')).length === BREAKER.failures;
          }),
        ],
      },
    ]),
  ),
});

const alone: Member = { machine: { busyMs: 100 } };

const ALONE = scenariosOf('claude-mem/ours', alone, {
  'clean-stop': {
    about: 'a worker is asked to end at any moment, its chroma-mcp maybe on its way: that ends with it',
    programs: { worker: WORKER, 'chroma-mcp': chromaMcp, user },
    settleMs: 2_000,
    start: [
      'worker',
      // It owns, and is about to start it.
      foreign(at(2.5, `user ${FIRST_PID} 0 never`)),
      foreign(at(2.7, `user ${FIRST_PID} 0 500`)),
    ],
    faults: { 'pid-reuse': 1 },
    invariants: [
      ...model.SAFETY,
      onChange('a worker that has quit leaves nothing', (world) => {
        const left = world.processes.find((process) => process.alive && isA(process, 'chroma-mcp'));
        if (left === undefined || !anyHasQuit('worker')(world)) return null;
        return `the worker has quit, and its ${left.name} runs on`;
      }),
      sometimes('a worker has quit', anyHasQuit('worker')),
      sometimes('it had a chroma-mcp that answers', 'synced'),
    ],
  },
  'breaker-clocks': {
    about: 'the wall clock is put forward and back while the breaker is open: a minute is a minute',
    programs: { searcher, 'chroma-mcp': chromaMcp },
    start: ['searcher'],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
    faults: { 'clock-jump': 2, suspend: 1 },
    faultsForMs: 2 * BREAKER.cooldownMs,
    settleMs: 20_000,
    invariants: [
      BREAKER_HOLDS,
      eventually('once it is well again, a search is answered', ({ marks }) =>
        marks.has('found') ? null : 'none was',
      ),
      eventually('the searcher has closed what it opened', ({ processes }) => {
        const left = processes.filter(({ alive }) => alive);
        return left.length === 0 ? null : `${left.map(({ name }) => name).join(', ')} run on`;
      }),
      sometimes('a search was refused', 'not-found'),
    ],
  },
  stranger: {
    about: 'a foreign server on the TCP port answers 200: it does not pass for the worker',
    programs: {
      hook: HOOK,
      worker: WORKER,
      'chroma-mcp': chromaMcp,
      stranger: listensAt(addressOf(TCP_PORT), { status: 200, body: '{"nonce":"0123456789abcdef"}' }),
      sleeper,
    },
    start: [foreign('stranger'), at(100, times(2, 'hook')), afterFaults('hook')],
    faultsForMs: 1_000,
    settleMs: 30_000,
    invariants: [
      ...model.SAFETY_WITHOUT_OWNER,
      onChange('no process owns', ({ currentClaims }) =>
        currentClaims.length > 0 ? 'a process owns' : null,
      ),
      eventually('every hook says that there is no worker', ({ processes }) => {
        const wrong = processes.find((each) => isA(each, 'hook') && each.exitCode !== EXIT.blocked);
        return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
      }),
    ],
  },
});

export const OF_CONNECTION: readonly Scenario[] = [...OF_CHROMA, ...ALONE];
