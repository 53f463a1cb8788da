/** Three families: a start takes over, must leave alone what it finds, or neither. */
import { EXIT } from '../../../model/index.ts';
import { type Always, eventually, type Invariant } from '../../../scenario/index.ts';
import { foreign, isA, type Member, neverMarked, onChange, sleeper, times } from '../../vocabulary/index.ts';
import { headOf, oneOwnerServes, SAFETY, SAFETY_WITHOUT_OWNER } from '../invariants.ts';
import { DAEMON, DIRECTORY, HELPER, TCP_PORT } from '../setup.ts';
import { PATIENT } from './setup.ts';

/** Two daemons find what an earlier process has left. */
export const found: Member = {
  programs: { sleeper, helper: HELPER, daemon: DAEMON },
  start: [foreign('sleeper'), times(2, 'daemon')],
  faultsForMs: 500,
  settleMs: 2_000,
};

/** Within two seconds, that is without waiting for a silence, one of them owns. */
export const takenOver: Member = { ...found, invariants: [...SAFETY, oneOwnerServes(DIRECTORY, TCP_PORT)] };

export const noOwner = onChange('no process owns', ({ currentClaims }) => {
  const owner = currentClaims.find(({ process }) => !process.foreign);
  return owner === undefined ? null : `${owner.process.name} owns`;
});

const allBlocked = allEndWith('all contenders are blocked', EXIT.blocked);

/** All daemons of the system end with this exit code. */
export function allEndWith(name: string, exitCode: number): Invariant {
  return eventually(name, ({ processes }) => {
    const wrong = processes.find(
      (each) => !each.foreign && isA(each, 'daemon') && each.exitCode !== exitCode,
    );
    return wrong === undefined ? null : `${wrong.name} is ${wrong.state}, exit code ${wrong.exitCode}`;
  });
}

const noClaimIsLeft = eventually('a blocked contender has withdrawn its claim', (world) => {
  const claim = headOf(DIRECTORY, world);
  const blocked = world.processes.find(({ foreign, pid }) => !foreign && pid === claim?.pid);
  return claim?.kind === 'owner' && blocked ? `the newest claim is that of ${blocked.name}` : null;
});

/** No process comes to own, none is signalled, and the exit code says so. */
export const leftAlone: Member = {
  ...found,
  programs: { ...found.programs, daemon: PATIENT },
  settleMs: 25_000,
  invariants: [...SAFETY_WITHOUT_OWNER, noOwner, allBlocked, noClaimIsLeft],
};

/** Nothing is published beside a claim that must not be challenged. */
export const claimStands = onChange('the claim is not even challenged', (world) => {
  const claims = Object.keys(world.files()).filter((path) => path.startsWith(`${DIRECTORY}/gen-`));
  return claims.length === 1 ? null : `there are ${claims.join(', ')}`;
});

export function unsaid(mark: string): Always {
  return neverMarked(`no process marks "${mark}"`, mark, 'a process has');
}
