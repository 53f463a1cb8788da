import type { Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import { oldLock, openchrome } from '../before.ts';
import { flagOf } from '../chrome.ts';
import { acquire, recordOf } from '../controller-lock.ts';
import { oneOwnerDespite, servingOwnersLockStays, whenever } from '../invariants.ts';
import { FIGURES } from '../setup.ts';
import { acquireHealthAware } from '../takeover.ts';
import { ASKED_AT_MS, DEAD, known } from './setup.ts';

/** Ten seconds after the owner has its lock, which takes it some operations. */
const HEARTBEAT_AT_MS = FIGURES.heartbeatMs + 0.2;

/** The lock and nothing else: who has it keeps it. */
const holder: Program = async (ports, argv) => {
  const hostname = flagOf(argv, 'hostname') ?? (await ports.process.self()).hostname;
  const acquired = await acquireHealthAware(ports, hostname);
  if (acquired.kind === 'duplicate') return 2;
  ports.mark('own');
  for (;;) await ports.clock.sleep(600_000);
};

/** The same before #1477 looks at anything: what is wrong here is wrong in both. */
const plainHolder: Program = async (ports) => {
  const { hostname } = await ports.process.self();
  const acquired = await acquire(ports, await recordOf(ports, hostname));
  if (acquired.kind === 'duplicate') return 2;
  ports.mark('own');
  for (;;) await ports.clock.sleep(600_000);
};

const holders = { ...known, programs: { holder, 'plain-holder': plainHolder } } as const;

const createTear = oneOwnerDespite(
  'a lock that is being written is not taken for stale',
  'removed-unreadable',
  1,
);
const vanished = oneOwnerDespite('only what was read is removed', 'removed-missing', 1);
const deadTwice = oneOwnerDespite('a dead owner’s lock is removed once', 'removed-dead', 2);
const zombieTwice = oneOwnerDespite('a half-zombie’s lock is removed once', 'removed-half-zombie', 2);
const tornHeartbeat = servingOwnersLockStays('removed-unreadable');

/** A lock of another machine, by what is written in it. */
const othersLockStays = whenever('the lock of another host stays', 'removed-dead', ({ currentClaims }) =>
  currentClaims.length > 0
    ? `the lock of ${currentClaims[0]!.process.name} was removed by a PID that means nothing here`
    : null,
);

/** The lock of another is removed. */
export const OF_LOCKS: readonly Scenario[] = [
  openchrome({
    ...holders,
    id: 'openchrome/after/create-tear',
    about:
      'two plain cold starts: one has created the lock and not yet written it, the other removes it as malformed',
    violates: createTear.name,
    remedy: 'Publish the lock complete: write a file of another name, then link(2) it.',
    start: [{ program: 'plain-holder', count: 2 }],
    invariants: [createTear],
  }),
  openchrome({
    ...holders,
    id: 'openchrome/after/released-lock',
    about:
      'a lock that vanishes between open and read is "malformed": what is removed then is the next owner’s',
    violates: vanished.name,
    remedy: 'Go back to the open when the file is gone, and remove only what was read.',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['ask-owner'], foreign: true, atMs: 1_000 },
      ...ASKED_AT_MS.map((atMs) => ({ program: 'holder', atMs })),
    ],
    faultsForMs: 1_500,
    settleMs: 500,
    invariants: [vanished],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/heartbeat-tear',
    about:
      'a heartbeat empties the lock and then writes it: who comes in between removes a healthy owner’s lock, without grace or probe',
    violates: tornHeartbeat.name,
    remedy: 'Write the heartbeat to another file and rename it; or beat by mtime.',
    start: [{ program: 'serve' }, { program: 'serve', count: 2, atMs: HEARTBEAT_AT_MS }],
    faultsForMs: 11_000,
    settleMs: 1_000,
    invariants: [tornHeartbeat],
  }),
  openchrome({
    ...holders,
    id: 'openchrome/after/dead-lock-twice',
    about: 'two contenders judge the same dead lock: the slower one removes the fresh lock of the faster',
    violates: deadTwice.name,
    remedy: 'Never unlink by name what was judged by content: claim the next generation by link(2).',
    start: [{ program: 'holder', count: 2 }],
    machine: { files: DEAD },
    invariants: [deadTwice],
  }),
  openchrome({
    ...holders,
    id: 'openchrome/after/reread-gap',
    about:
      'two contenders judge the same half-zombie and read its lock once more: between that and the removal the other takes over',
    violates: zombieTwice.name,
    remedy: 'Never unlink by name what was judged by content: claim the next generation by link(2).',
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'holder', count: 2, atMs: 100 },
    ],
    machine: { files: oldLock({}) },
    invariants: [zombieTwice],
  }),
  openchrome({
    ...holders,
    id: 'openchrome/after/other-host',
    about:
      'the owner lives in a container, or on another machine with the same home: its PID is not known here, so its lock is removed',
    violates: othersLockStays.name,
    remedy: 'Look at the host name, and the PID namespace, before the PID: elsewhere is not dead.',
    start: [
      { program: 'holder', argv: ['--hostname=container'], pidNamespace: 'container' },
      { program: 'holder', atMs: 2_000 },
    ],
    invariants: [othersLockStays],
  }),
];

/** Whoever releases says so in the same step, and is the owner no more when this is asked. */
const ownReleaseOnly = whenever('a release removes only its own lock', 'removed-own', ({ currentClaims }) => {
  const [other] = currentClaims;
  return other === undefined ? null : `a late release removed the lock of ${other.process.name}`;
});

/** The same, by an owner that releases. */
export const LATE_RELEASE = openchrome({
  ...known,
  id: 'openchrome/after/late-release',
  about:
    'an owner stops between the look at its lock and the removal: when it goes on it removes its successor’s',
  violates: ownReleaseOnly.name,
  remedy: 'Release by publishing a generation that says "free"; unlink nothing by name.',
  start: [
    { program: 'serve' },
    { program: 'script', argv: ['ask-owner'], foreign: true, atMs: 1_000 },
    { program: 'serve', atMs: 125_000 },
  ],
  faults: { stop: { max: 1, forMs: [130_000] } },
  faultsForMs: 135_000,
  settleMs: 1_000,
  invariants: [ownReleaseOnly],
});
