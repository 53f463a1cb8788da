import type { Program } from '../../ports/index.ts';
import {
  type Invariant,
  ifExercised,
  nothingForeignSignalled,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import { asksAtBootOnly, liveSpared } from './invariants.ts';
import { ADDRESS, helper, init, MARKER, sidecar, stranger } from './setup.ts';

/** The tool's sidecar takes 5 s to end after SIGTERM; so it is always SIGKILL that ends it. */
const SLOW = sidecar({ address: ADDRESS, endsInMs: 5_000 });
/** One that has nothing left to do ends sooner. */
export const QUICK = sidecar({ address: ADDRESS, endsInMs: 50 });

/** One that crashes in the moment in which somebody looks at it for the second time. */
export const BRIEF: Program = async ({ net, clock }) => {
  await net.listen(ADDRESS);
  await clock.sleep(11);
  return 1;
};

/** The user quits the app: `user PID`. */
const user: Program = async ({ process }, [pid = '']) => {
  await process.kill(Number(pid), 'SIGTERM');
  return 0;
};

export const PROGRAMS: Readonly<Record<string, Program>> = { sidecar: SLOW, helper, stranger, init, user };
/** Of the first process of a run. */
export const FIRST_PID = 1_001;

export type Options = Partial<ScenarioOptions> &
  Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'>;

export function closedloopScenario(app: Program, { id, programs, ...options }: Options): Scenario {
  return scenario({
    id: `closedloop/${id}`,
    programs: { ...PROGRAMS, app, ...programs },
    faultsForMs: 2_000,
    settleMs: 8_000,
    machine: { busyMs: 100 },
    ...options,
    invariants: [...options.invariants],
  });
}

/** What the crash of an app leaves: nobody but PID 1 is its parent. */
export const ORPHAN = { program: 'sidecar', argv: [MARKER] } as const;
export const APP = { program: 'app', atMs: 200 } as const;
/** One app, and when that has its sidecar, another. */
export const TWO_APPS = [{ program: 'app' }, { program: 'app', atMs: 1_000 }] as const;
export const FOREIGN_EVERYWHERE = { program: 'stranger', argv: ['0.0.0.0'], foreign: true } as const;
/** The five restarts: 1 + 2 + 4 + 8 + 16 s. */
export const ALL_RESTARTS_MS = 35_000;

export const KILLED_ORPHAN = sometimes('an orphan was ended', 'killed-orphan');
export const BLOCKED = sometimes('an app was told that another lives', 'blocked-live');
export const ASKED = sometimes('consent was asked', 'asks-at-boot');
export const SAID_FOREIGN = sometimes('a foreign holder was named', 'says-foreign');
export const SAFE: readonly Invariant[] = [ifExercised(nothingForeignSignalled), liveSpared, asksAtBootOnly];
