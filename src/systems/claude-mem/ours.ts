import { childMarker, EXIT } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import {
  always,
  eventually,
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
  type World,
} from '../../scenario/index.ts';
import {
  healthyOwnerStays,
  noOrphan,
  noOrphanBesideOwner,
  noStaleState,
  oneOwnerServes,
  SAFETY,
  SAFETY_WITHOUT_OWNER,
} from '../model/invariants.ts';
import { TIMING } from '../model/setup.ts';
import { FIRST_PID, quits } from '../quits.ts';
import { chromaMcp } from './chroma-mcp.ts';
import { clientOf, hangUp } from './client.ts';
import { BREAKER } from './figures.ts';
import { chromaStartsPer, fewChromaProcesses, hooksEnd, oneWorker, workersStarted } from './invariants.ts';
import { OwnConnection } from './own-connection.ts';
import { ownHook, ownWorker } from './own-worker.ts';
import { addressOf, CHROMA_MOOD, TCP_PORT } from './setup.ts';
import { sleeper, stranger } from './strangers.ts';

const DIRECTORY = '/run/claude-mem';
const GATE = '/run/claude-mem-gate';
/** Nobody bears it. */
const DEAD = { pid: 999, startTicks: 5, pidNamespace: 'pid:[1]' };

const WORKER = ownWorker({ directory: DIRECTORY, endpoint: addressOf(TCP_PORT), timing: TIMING });
const HOOK = ownHook({
  gate: GATE,
  directory: DIRECTORY,
  timing: TIMING,
  worker: ['worker'],
  // Longer than it takes to end a silent owner and take over.
  readyWithinMs: 10_000,
  patienceMs: 4_000,
  pollMs: 250,
});

const OWNED: readonly Invariant[] = [
  ...SAFETY,
  healthyOwnerStays(TIMING),
  fewChromaProcesses,
  noOrphanBesideOwner(DIRECTORY),
  oneOwnerServes(DIRECTORY, TCP_PORT),
  noOrphan(DIRECTORY),
  noStaleState(DIRECTORY),
];
const SPAWNED = sometimes('a hook has started the worker', 'spawned');
const READY = sometimes('a hook found the worker of another', 'ready');
const TAKEOVER = sometimes('a takeover happened', 'takeover');

function ours(options: Pick<ScenarioOptions, 'id' | 'about' | 'start'> & Partial<ScenarioOptions>): Scenario {
  return scenario({
    faultsForMs: 2_000,
    settleMs: 2_000,
    ...options,
    machine: { busyMs: 100, ...options.machine },
    programs: { hook: HOOK, worker: WORKER, 'chroma-mcp': chromaMcp, ...options.programs },
    invariants: [...OWNED, ...(options.invariants ?? [])],
  });
}

/** Two at once, one later, and one when the faults are over. */
const HOOKS: ScenarioOptions['start'] = [
  { program: 'hook', count: 2 },
  { program: 'hook', atMs: 1_200 },
  { program: 'hook', phase: 'settle', atMs: 500 },
];
const CLIENTS: ScenarioOptions['start'] = [
  { program: 'worker' },
  { program: 'client', count: 3, atMs: 700 },
  { program: 'worker', phase: 'settle' },
];

function hasQuit({ name, exitCode }: World['processes'][number]): boolean {
  return name.startsWith('worker#') && exitCode === EXIT.done;
}

/** The connection alone: searches while chroma-mcp fails, a minute later, and a minute after it is well again. */
const searcher: Program = async (ports) => {
  const { clock, fs, mark } = ports;
  const connection = new OwnConnection(ports, 'searcher', async (deed) => {
    await deed();
    return true;
  });
  for (const mood of ['fails', 'fails', 'well']) {
    if (mood === 'well') await fs.unlink(CHROMA_MOOD);
    for (let i = 0; i < 5; i++) {
      mark((await connection.search()) ? 'found' : 'not-found');
      await clock.sleep(500);
    }
    if (mood !== 'well') await clock.sleep(BREAKER.cooldownMs);
  }
  await connection.close();
};

/** The same system on our protocol. */
export const OURS: readonly Scenario[] = [
  ours({
    id: 'claude-mem/ours/ten-hooks',
    about: 'ten hooks at once: one starts a worker, the others wait until it serves',
    faultsForMs: 1_000,
    start: [{ program: 'hook', count: 10 }],
    invariants: [oneWorker, workersStarted(1), hooksEnd, SPAWNED, READY],
  }),
  ours({
    id: 'claude-mem/ours/killed',
    about: 'hooks, workers and chroma-mcp killed at any moment, and strangers born with their PIDs',
    start: HOOKS,
    faults: { kill: 2, 'pid-reuse': 1 },
    settleMs: 8_000,
    invariants: [
      hooksEnd,
      SPAWNED,
      READY,
      TAKEOVER,
      sometimes('an orphan was reaped', 'reaped'),
      sometimes('a gate of a dead hook was taken over', 'gate-takeover'),
    ],
  }),
  ours({
    id: 'claude-mem/ours/stopped',
    about: 'hooks and workers stopped for a moment, past every patience, for good',
    start: HOOKS,
    faults: { stop: { max: 2, forMs: [50, 1_500, Number.POSITIVE_INFINITY] } },
    settleMs: 11_000,
    invariants: [
      sometimes('a frozen worker was ended', 'evict'),
      sometimes('a hook went past a gate that is not left', 'gate-passed'),
    ],
  }),
  ours({
    id: 'claude-mem/ours/lost-state',
    about: 'claims of the worker and of the gate vanish or are torn',
    start: HOOKS,
    faults: {
      'lose-state': { max: 2, under: '/run' },
      'tear-state': { max: 1, under: '/run' },
      kill: 1,
    },
    settleMs: 8_000,
    invariants: [hooksEnd, SPAWNED, TAKEOVER],
  }),
  ours({
    id: 'claude-mem/ours/clocks',
    about:
      'the machine sleeps, the wall clock is put forward and back: nobody waits longer, nobody is robbed',
    start: HOOKS,
    faults: { suspend: 1, 'clock-jump': 1 },
    settleMs: 2_500,
    invariants: [oneWorker, workersStarted(1), hooksEnd, SPAWNED, READY],
  }),
  ours({
    id: 'claude-mem/ours/gate-unusable',
    about: 'the gate cannot be used: it opens in doubt, and the claim of the worker decides',
    faultsForMs: 1_000,
    start: [{ program: 'hook', count: 3 }],
    machine: { files: { [GATE]: 'not a directory' } },
    invariants: [hooksEnd, sometimes('a hook went past the gate', 'gate-passed')],
  }),
  ours({
    id: 'claude-mem/ours/sighup',
    about: 'SIGHUP: the worker ends cleanly, the next hook starts a fresh one, nothing is left over',
    programs: { hangup: hangUp },
    start: [
      { program: 'hook' },
      { program: 'hangup', atMs: 1_500 },
      { program: 'hook', phase: 'settle', atMs: 500 },
    ],
    invariants: [oneWorker, hooksEnd, SPAWNED, sometimes('a worker was asked to stop', 'worker-stops')],
  }),
  scenario({
    id: 'claude-mem/ours/clean-stop',
    about: 'a worker is asked to end at any moment, its chroma-mcp maybe on its way: that ends with it',
    programs: { worker: WORKER, 'chroma-mcp': chromaMcp, user: quits },
    start: [
      { program: 'worker' },
      // It owns, and is about to start it.
      { program: 'user', argv: [`${FIRST_PID}`, '0', 'never'], foreign: true, atMs: 2.5 },
      { program: 'user', argv: [`${FIRST_PID}`, '0', '500'], foreign: true, atMs: 2.7 },
    ],
    faults: { 'pid-reuse': 1 },
    machine: { busyMs: 100 },
    settleMs: 2_000,
    invariants: [
      ...SAFETY,
      always(
        'a worker that has quit leaves nothing',
        ({ processes }) => {
          if (!processes.some(hasQuit)) return null;
          const left = processes.find(({ name, alive }) => alive && name.startsWith('chroma-mcp#'));
          return left === undefined ? null : `the worker has quit, and its ${left.name} runs on`;
        },
        { when: 'change' },
      ),
      sometimes('a worker has quit', ({ processes }) => processes.some(hasQuit)),
      sometimes('it had a chroma-mcp that answers', 'synced'),
    ],
  }),
  ours({
    id: 'claude-mem/ours/orphans',
    about:
      'young chroma-mcp of workers that have crashed are ended, however many; one of another program stays',
    start: [
      { program: 'chroma-mcp', foreign: true },
      { program: 'chroma-mcp', argv: [childMarker(DIRECTORY, DEAD)] },
      { program: 'chroma-mcp', argv: [childMarker(DIRECTORY, DEAD)] },
      { program: 'hook', phase: 'settle' },
    ],
    faultsForMs: 100,
    invariants: [SPAWNED, sometimes('an orphan was reaped', 'reaped')],
  }),
  ours({
    id: 'claude-mem/ours/concurrent-searches',
    about: 'concurrent searches share one connection, whoever is killed',
    programs: { client: clientOf(2) },
    start: CLIENTS,
    faults: { kill: 1 },
    invariants: [sometimes('a search was answered', 'found')],
  }),
  ...(['fails', 'hangs', 'flaps', 'errs'] as const).map((mood) =>
    ours({
      id: `claude-mem/ours/chroma-${mood}`,
      about: `chroma-mcp ${mood}: three starts, and then none for a minute; never a second one beside it`,
      programs: { client: clientOf(5) },
      start: CLIENTS.map((start) => ({ ...start, count: 1 })),
      machine: { files: { [CHROMA_MOOD]: mood } },
      faultsForMs: 1_000,
      settleMs: 6_000,
      invariants: [
        chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures),
        always(
          'one chroma-mcp at a time',
          ({ processes }) => {
            const alive = processes.filter(({ name, alive }) => alive && name.startsWith('chroma-mcp#'));
            return alive.length > 1 ? `${alive.length} chroma-mcp at once` : null;
          },
          { when: 'change' },
        ),
        sometimes('three were started', ({ processes }) => {
          return processes.filter(({ name }) => name.startsWith('chroma-mcp#')).length === BREAKER.failures;
        }),
      ],
    }),
  ),
  scenario({
    id: 'claude-mem/ours/breaker-clocks',
    about:
      'the wall clock is put forward and back while the breaker is open: a minute is a minute, and then one may try',
    programs: { searcher, 'chroma-mcp': chromaMcp },
    start: [{ program: 'searcher' }],
    machine: { busyMs: 100, files: { [CHROMA_MOOD]: 'fails' } },
    faults: { 'clock-jump': 2, suspend: 1 },
    faultsForMs: 2 * BREAKER.cooldownMs,
    settleMs: 20_000,
    invariants: [
      chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures),
      eventually('once it is well again, a search is answered', ({ marks }) =>
        marks.has('found') ? null : 'none was',
      ),
      eventually('the searcher has closed what it opened', ({ processes }) => {
        const left = processes.filter(({ alive }) => alive);
        return left.length === 0 ? null : `${left.map(({ name }) => name).join(', ')} run on`;
      }),
      sometimes('a search was refused', 'not-found'),
    ],
  }),
  scenario({
    id: 'claude-mem/ours/stranger',
    about: 'a stranger on the TCP port answers 200: it does not pass for the worker, and the hooks say so',
    programs: {
      hook: HOOK,
      worker: WORKER,
      'chroma-mcp': chromaMcp,
      stranger: stranger('{"nonce":"0123456789abcdef"}'),
      sleeper,
    },
    start: [
      { program: 'stranger', foreign: true },
      { program: 'hook', count: 2, atMs: 100 },
      { program: 'hook', phase: 'settle' },
    ],
    machine: { busyMs: 100 },
    faultsForMs: 1_000,
    settleMs: 30_000,
    invariants: [
      ...SAFETY_WITHOUT_OWNER,
      always('nobody owns', ({ currentClaims }) => (currentClaims.length > 0 ? 'somebody owns' : null), {
        when: 'change',
      }),
      eventually('every hook says that there is no worker', ({ processes }) => {
        const wrong = processes.find(
          ({ name, exitCode }) => name.startsWith('hook#') && exitCode !== EXIT.blocked,
        );
        return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
      }),
    ],
  }),
];
