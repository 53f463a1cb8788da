import { processFileName } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { type Scenario, type ScenarioOptions, scenario, sometimes } from '../../scenario/index.ts';
import { nobodySignalled } from './invariants.ts';
import { claude, claudeOfOld, hook, MARKER, oldServer, PREFIX, STATE } from './setup.ts';

/** Starts a server some levels below itself: `nest LEVELS PROGRAM [SESSION]`. */
const nest: Program = async ({ process, clock }, [levels = '0', program = '', ...rest]) => {
  const deeper = ['nest', `${Number(levels) - 1}`, program, ...rest];
  await process.spawn(levels === '0' ? [program, MARKER, ...rest] : deeper);
  for (;;) await clock.sleep(60_000);
};

/** Below it sessions start; it ends soon, and they go on. */
const shell: Program = async ({ clock }) => {
  await clock.sleep(300);
  return 0;
};

/** PID 1 of a container that is a Node program: it adopts, and reaps nobody. */
const init: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** Stops the server of a session: it cannot end by itself. `stopper SESSION` */
const stopper: Program = async ({ process }, [session]) => {
  for (const pid of await process.list()) {
    const { command, state } = await process.info(pid);
    if (state === 'running' && command[0] === 'server' && command.at(-1) === session) {
      await process.kill(pid, 'SIGSTOP');
    }
  }
  return 0;
};

/** Two users share the project. */
const admin: Program = async ({ fs }) => {
  await fs.mkdir(STATE, { recursive: true });
  await fs.chmod(STATE, 0o777);
  return 0;
};

export const PROGRAMS: Readonly<Record<string, Program>> = {
  claude,
  hook,
  oldclaude: claudeOfOld,
  oldserver: oldServer,
  ...{ nest, shell, init, admin, stopper },
};

export type Options = Omit<Partial<ScenarioOptions>, 'programs'> &
  Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'>;

export function orchestratorScenario(server: Program, { id, ...options }: Options): Scenario {
  return scenario({
    id: `orchestrator/${id}`,
    programs: { ...PROGRAMS, server },
    faultsForMs: 1_500,
    settleMs: 2_500,
    machine: { busyMs: 50 },
    ...options,
    invariants: [nobodySignalled, ...options.invariants],
  });
}

/** PID of the first process of a run. */
export const FIRST_PID = 1_001;
/** Nobody has borne it in a run. */
const GONE_PID = 900;

export const STALE: Readonly<Record<string, string>> = { [`${STATE}/${PREFIX}${GONE_PID}`]: 'gone' };
export const REAPED = sometimes('a stale file was reaped', 'reaped');
export const SUSPECT = sometimes('a suspect was reported', 'suspect');
export const DRIFTED = sometimes('a server took another id for its own', 'drifted');
export const SIBLING = sometimes('a sibling was seen', 'sibling');

/** Sessions that come and go; the last one comes when the faults are over. */
export const COME_AND_GO = [
  { program: 'claude', argv: ['one', '1000'] },
  { program: 'claude', argv: ['two', '1000'], atMs: 200 },
  { program: 'claude', argv: ['stays'], atMs: 400 },
  { program: 'claude', argv: ['last'], phase: 'settle', atMs: 100 },
] as const;

/** A session with an old server ends; others are there, and come. */
export const OLD_AND_NEW = [
  { program: 'oldclaude', argv: ['200'] },
  { program: 'oldclaude', argv: ['60000'] },
  { program: 'claude', argv: ['stays'] },
  { program: 'claude', argv: ['last'], phase: 'settle', atMs: 100 },
] as const;

/** A file of an earlier process of this PID, which a session is about to bear. */
export const REUSED = { ...STALE, [`${STATE}/${PREFIX}${FIRST_PID}`]: 'of-old' };

/** The same, by names that tell the two apart; and one of the old kind. */
export const FORMER = {
  ...STALE,
  [`${STATE}/${formerName(PREFIX)}`]: 'of-old',
  [`${STATE}/${formerName('server-')}`]: 'torn {',
};

function formerName(prefix: string): string {
  const where = {
    bootId: '00000000-0000-4000-8000-000000000000',
    pidNamespace: 'pid:[1]',
    hostname: 'machine',
  };
  return processFileName(prefix, { pid: FIRST_PID, startTicks: 5, ...where });
}
