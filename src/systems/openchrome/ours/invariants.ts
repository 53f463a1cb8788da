/** What must hold of openchrome on our protocol, beside what its own invariants say. */
import { EXIT } from '../../../model/index.ts';
import {
  atMostOneOwner,
  type Complaint,
  type Invariant,
  ifExercised,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  oneSurvivor,
  type World,
} from '../../../scenario/index.ts';
import { headOf, whyNotTheHead } from '../../model/invariants.ts';
import { hasQuit, noneLeft, onChange } from '../../vocabulary/index.ts';
import { EXIT_REFUSED, EXIT_RELEASED } from '../constants.ts';
import { chromeOnPort } from '../invariants.ts';
import { flagOf } from '../programs/chrome.ts';
import { PROFILE } from '../setup.ts';

export const SAFETY: readonly Invariant[] = [
  atMostOneOwner,
  ...[noStaleAct, nothingForeignSignalled, nothingUnprovenSignalled].map(ifExercised),
];

/** Two on one profile spoil it. */
export const oneChrome = onChange('one Chrome on the profile', ({ processes }) => {
  const running = processes.filter(
    ({ alive, foreign, command }) => alive && !foreign && flagOf(command, 'user-data-dir') === PROFILE,
  );
  return running.length < 2 ? null : `on ${PROFILE} run ${running.map(({ name }) => name).join(' and ')}`;
});

/** The newest claim is that of the only owner, and its own Chrome runs on the port; or see {@link hasGivenUp}. */
export function oneSessionServes(directory: string): Invariant {
  return oneSurvivor({
    unless: hasGivenUp,
    serves(owner, world): Complaint {
      const chrome = chromeOnPort(world);
      if (chrome?.parent === owner && chrome.state === 'running')
        return whyNotTheHead(directory, owner, world);
      return `${owner.name} owns, and on Chrome’s port is ${chrome?.name ?? 'no process'}`;
    },
  });
}

/** Two launches in a row have failed: the owner has said by its exit code that its host should start another. */
function hasGivenUp({ processes }: World): boolean {
  const sessions = processes.filter(({ command }) => command[0] === 'serve');
  return sessions.every(({ alive }) => !alive) && sessions.some(({ exitCode }) => exitCode === EXIT_RELEASED);
}

/** None of these marks is ever made. */
export function unsaid(marks: readonly string[]): Invariant {
  return onChange(`no session marks ${marks.join(', ')}`, (world) => {
    const said = marks.find((mark) => world.marks.has(mark));
    return said === undefined ? null : `a session marked ${said}`;
  });
}

const CODES: readonly (number | null)[] = [EXIT_REFUSED, EXIT_RELEASED, ...Object.values(EXIT)];

export const onlyKnownCodes = noneLeft(
  'a session that ends says why by its exit code',
  ({ command, alive, exitSignal, exitCode }) =>
    command[0] === 'serve' && !alive && exitSignal === null && !CODES.includes(exitCode),
  ({ name, exitCode }) => `${name} ended with ${exitCode}`,
);

/** No other session comes later to reap what is left. */
export function quitsCleanly(directory: string): Invariant {
  return onChange('a session that has quit leaves nothing', (world) => {
    const quit = world.processes.find(hasQuit('serve'));
    if (quit === undefined) return null;
    const left = world.processes.find(({ alive, command }) => alive && command[0] === 'chrome');
    if (left !== undefined) return `${quit.name} has quit, and its ${left.name} runs on`;
    const claim = headOf(directory, world);
    return claim?.kind === 'owner' ? `${quit.name} has quit, and the newest claim is its own` : null;
  });
}
