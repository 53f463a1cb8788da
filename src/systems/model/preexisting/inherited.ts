/** Processes that have inherited the mark of an owner that is gone, and contend or own themselves: here, or in another directory. */
import { becomeOwner, EXIT } from '../../../model/index.ts';
import { hasCode, type Program } from '../../../ports/index.ts';
import { eventually, type Invariant, type Scenario } from '../../../scenario/index.ts';
import {
  at,
  FIRST_PID,
  foreign,
  isA,
  type Member,
  onChange,
  scenariosOf,
  sleepForever,
} from '../../vocabulary/index.ts';
import { noOrphanBesideOwner, noStaleState, SAFETY, TAKEOVER } from '../invariants.ts';
import { daemon } from '../programs/daemon.ts';
import { DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { takenOver } from './kinds.ts';

const ELSEWHERE = '/run/two';
const END_MS = 1_000;
/** When the next daemon is started. */
const NEXT_MS = END_MS + 500;

/** Ends or stops the first owner, which the scenario starts first. */
const ends: Program = ({ process }) => process.kill(FIRST_PID, 'SIGKILL');
const stops: Program = ({ process }) => process.kill(FIRST_PID, 'SIGSTOP');

/** A helper that starts the daemon again when its own has hung. */
const restarts: Program = async (ports) => {
  await ports.clock.sleep(NEXT_MS - 50);
  await ports.process.spawn(['daemon'], { detached: true });
  return sleepForever(ports);
};

/** A helper that starts a daemon of another name; and that daemon, which has a child of its own. */
const startsOne =
  (name: string): Program =>
  async (ports) => {
    await ports.process.spawn([name], { detached: true });
    return sleepForever(ports);
  };
const other: Program = async (ports, argv) => {
  await ports.process.spawn(['sleeper']);
  // What is counted are the owners of the first directory.
  const unmarked = { ...ports, mark: () => {} };
  return daemon({ directory: ELSEWHERE, endpoint: 'unix', timing: TIMING, helper: null })(unmarked, argv);
};

/** Another one, which listens where the first owner has listened. */
const takesPort: Program = async (ports) => {
  await becomeOwner({ ...ports, mark: () => {} }, { directory: ELSEWHERE, endpoint: null, timing: TIMING });
  for (;;) {
    try {
      await ports.net.listen(ENDPOINT);
      return await sleepForever(ports);
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
    }
    await ports.clock.sleep(100);
  }
};

/** A daemon whose helper is a daemon with another directory. */
const nested = daemon({ directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING, helper: ['other'] });

const noneSignalled = (program: string): Invariant =>
  onChange('a contender or owner is not ended as an orphan', ({ signals }) => {
    const hit = signals.find(({ target }) => isA(target, program) && target.pid !== FIRST_PID);
    return hit === undefined ? null : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}`;
  });

/** The first one: the next daemon has a helper too, which starts the same again. */
const lives = (program: string): Invariant =>
  eventually(`${program} lives`, ({ processes }) =>
    processes.find((each) => isA(each, program))?.alive ? null : 'it has ended',
  );

const shared: Member = {
  ...takenOver,
  programs: { ...takenOver.programs, ends, stops, other },
  faultsForMs: 3_000,
  start: ['daemon', at(END_MS, foreign('ends')), at(NEXT_MS, 'daemon')],
};

const OWNED: readonly Scenario[] = scenariosOf('model/found', shared, {
  restarted: {
    about: 'a helper starts the daemon again beside an owner that hangs, and another start is faster',
    programs: { helper: restarts },
    start: ['daemon', at(END_MS, foreign('stops')), at(NEXT_MS, 'daemon')],
    settleMs: 4_000,
    machine: { files: { [`${DIRECTORY}/exempt-999-5-0123abcd`]: '' } },
    invariants: [TAKEOVER, noneSignalled('daemon'), noStaleState(DIRECTORY)],
  },
  'other-daemon': {
    about: 'a helper of a killed owner has started a daemon with another directory, and that one a child',
    programs: { helper: startsOne('other') },
    invariants: [TAKEOVER, noneSignalled('other'), lives('other'), lives('sleeper')],
  },
  'nested-daemon': {
    about:
      'the helper of a killed owner is itself a daemon with another directory: it is a child all the same',
    programs: { daemon: nested },
    invariants: [TAKEOVER, noOrphanBesideOwner(DIRECTORY)],
  },
});

const isBlocked = eventually('the next daemon is blocked', ({ processes }) => {
  const next = processes.filter((each) => isA(each, 'daemon')).at(-1);
  return next?.exitCode === EXIT.blocked
    ? null
    : `${next?.name} is ${next?.state}, exit code ${next?.exitCode}`;
});

/** The same, and no process may own. */
const BLOCKED: readonly Scenario[] = scenariosOf(
  'model/found',
  { ...shared, invariants: SAFETY },
  {
    'other-holder': {
      about:
        'a helper of a killed owner has started a daemon with another directory, which listens at the TCP port',
      programs: { helper: startsOne('taker'), taker: takesPort },
      invariants: [noneSignalled('taker'), lives('taker'), isBlocked],
    },
  },
);

export const INHERITED: readonly Scenario[] = [...OWNED, ...BLOCKED];
