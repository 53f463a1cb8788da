/** Sessions that do not own, and the owner that they should find. */
import type { Scenario } from '../../../scenario/index.ts';
import { at, foreign, scenariosOf, whenMarked } from '../../vocabulary/index.ts';
import { after } from '../after.ts';
import { lockOwner, notStarvedBy } from '../invariants.ts';
import { parseBroker } from '../programs/broker-file.ts';
import { BROKER_FILE } from '../setup.ts';
import { ASKED_AT_MS } from './locks.ts';

const degradedForEver = notStarvedBy(
  'a session that waits takes the place of an owner that is gone',
  (world) =>
    lockOwner(world) === undefined &&
    world.marks.has('degraded') &&
    world.processes.some(({ state, command }) => state === 'running' && command[0] === 'serve'),
);

const brokerStaysFound = whenMarked(
  'only its own broker removes a broker’s file',
  'removed-torn-broker',
  (world) => {
    const other = world.currentClaims.find(({ process }) => process.command.includes('--broker'));
    const found = parseBroker(world.files()[BROKER_FILE] ?? '');
    return other === undefined || found !== null
      ? null
      : `${other.process.name} takes clients, and the file that says so was removed while it was being written`;
  },
);

export const OF_SESSIONS: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'degraded-for-ever': {
    about: 'the owner ends; refused sessions still explain that there is one, and none takes its place',
    remedy: 'Let a degraded session look again now and then, and become the owner.',
    breaks: degradedForEver,
    start: ['host', at(2_000, 'host'), foreign(at(4_000, 'script crash-owner'))],
    faultsForMs: 5_000,
    settleMs: 60_000,
  },
  'torn-broker-file': {
    about: 'a broker publishes its file in two steps; the one before it reads it empty and removes it',
    remedy: 'A file for each broker, complete when visible; readers remove nothing.',
    breaks: brokerStaysFound,
    start: [
      'serve --broker',
      foreign(at(1_000, 'script ask-owner')),
      ...ASKED_AT_MS.map((atMs) => at(atMs, 'serve --broker')),
    ],
    faultsForMs: 1_500,
    settleMs: 500,
  },
});
