import { EXIT } from '../../../model/index.ts';
import {
  always,
  eventually,
  type Scenario,
  type ScenarioOptions,
  scenario,
} from '../../../scenario/index.ts';
import { headOf, oneOwnerServes, SAFETY, SAFETY_WITHOUT_OWNER } from '../invariants.ts';
import { DAEMON, DIRECTORY, HELPER, TCP_PORT } from '../setup.ts';
import { PATIENT, sleeper } from './setup.ts';

/** Two daemons come upon what somebody else has left. */
export function foundScenario(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return scenario({
    faultsForMs: 500,
    settleMs: 2_000,
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'daemon', count: 2 },
    ],
    invariants: [],
    ...options,
    programs: { sleeper, helper: HELPER, daemon: DAEMON, ...options.programs },
  });
}

/** Within two seconds, that is without waiting for a silence, one of them owns. */
export function takenOver(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return foundScenario({
    ...options,
    invariants: [...SAFETY, oneOwnerServes(DIRECTORY, TCP_PORT), ...(options.invariants ?? [])],
  });
}

/** Nobody owns, nobody is touched, and the exit code says so. */
export function leftAlone(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'machine'> & Partial<ScenarioOptions>,
): Scenario {
  return foundScenario({
    settleMs: 25_000,
    ...options,
    programs: { daemon: PATIENT, ...options.programs },
    invariants: [
      ...SAFETY_WITHOUT_OWNER,
      nobodyOwns,
      allBlocked,
      noClaimIsLeft,
      ...(options.invariants ?? []),
    ],
  });
}

const nobodyOwns = always(
  'nobody owns',
  ({ currentClaims }) => {
    const owner = currentClaims.find(({ process }) => !process.foreign);
    return owner === undefined ? null : `${owner.process.name} owns`;
  },
  { when: 'change' },
);

const allBlocked = eventually('all that came are blocked', ({ processes }) => {
  const wrong = processes.find(({ foreign, name, exitCode }) => {
    return !foreign && name.startsWith('daemon#') && exitCode !== EXIT.blocked;
  });
  return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
});

const noClaimIsLeft = eventually('who was blocked has withdrawn its claim', (world) => {
  const claim = headOf(DIRECTORY, world);
  const blocked = world.processes.find(({ foreign, pid }) => !foreign && pid === claim?.pid);
  return claim?.kind === 'owner' && blocked ? `the newest claim is that of ${blocked.name}` : null;
});

/** Nobody publishes anything beside a claim that they may not challenge. */
export const claimStands = always(
  'the claim is not even challenged',
  (world) => {
    const claims = Object.keys(world.files()).filter((path) => path.startsWith(`${DIRECTORY}/gen-`));
    return claims.length === 1 ? null : `there are ${claims.join(', ')}`;
  },
  { when: 'change' },
);
