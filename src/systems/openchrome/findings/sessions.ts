import type { Scenario, World } from '../../../scenario/index.ts';
import { openchrome } from '../before.ts';
import { parseBroker } from '../broker-file.ts';
import { lockOwner, notStarvedBy, whenever } from '../invariants.ts';
import { BROKER_FILE } from '../setup.ts';
import { ASKED_AT_MS, known } from './setup.ts';

const degradedForEver = notStarvedBy(
  'a session that waits takes the place of an owner that is gone',
  (world) => lockOwner(world) === undefined && world.marks.has('degraded') && isAnybodyThere(world),
);

function isAnybodyThere({ processes }: World): boolean {
  return processes.some(({ state, command }) => state === 'running' && command[0] === 'serve');
}

const brokerStaysFound = whenever(
  'a broker’s file is removed by nobody else',
  'removed-torn-broker',
  (world) => {
    const other = world.currentClaims.find(({ process }) => process.command.includes('--broker'));
    const found = parseBroker(world.files()[BROKER_FILE] ?? '');
    return other === undefined || found !== null
      ? null
      : `${other.process.name} takes clients, and the file that says so was removed while it was being written`;
  },
);

/** Sessions that do not own, and the one that they are to find. */
export const OF_SESSIONS: readonly Scenario[] = [
  openchrome({
    ...known,
    id: 'openchrome/after/degraded-for-ever',
    about:
      'the owner ends; the sessions that were refused go on explaining that there is one, and none takes its place',
    violates: degradedForEver.name,
    remedy: 'Let a degraded session look again now and then, and become the owner.',
    start: [
      { program: 'host' },
      { program: 'host', atMs: 2_000 },
      { program: 'script', argv: ['crash-owner'], foreign: true, atMs: 4_000 },
    ],
    faultsForMs: 5_000,
    settleMs: 60_000,
    invariants: [degradedForEver],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/torn-broker-file',
    about:
      'a broker publishes its file in two steps; the one before it, ending, reads it empty and removes it',
    violates: brokerStaysFound.name,
    remedy: 'A file for each broker, complete when visible; readers remove nothing.',
    start: [
      { program: 'serve', argv: ['--broker'] },
      { program: 'script', argv: ['ask-owner'], foreign: true, atMs: 1_000 },
      ...ASKED_AT_MS.map((atMs) => ({ program: 'serve', argv: ['--broker'], atMs })),
    ],
    faultsForMs: 1_500,
    settleMs: 500,
    invariants: [brokerStaysFound],
  }),
];
