import { nothingForeignSignalled, type Scenario, type World } from '../../check/index.ts';
import type { Program } from '../../ports/index.ts';
import { oldLock, openchrome } from './before.ts';
import { parseBroker } from './broker-file.ts';
import { chrome, flagOf } from './chrome.ts';
import { acquire, recordOf } from './controller-lock.ts';
import {
  chromeOnPort,
  evictedOwnerIsQuiet,
  healthyOwnerStays,
  isOrphan,
  lockOwner,
  noOrphan,
  notStarvedBy,
  oneOwnerDespite,
  servingOwnersLockStays,
  whenever,
} from './invariants.ts';
import { AFTER } from './session.ts';
import { BROKER_FILE, FIGURES, PROFILE } from './setup.ts';
import { stdioAddress } from './stdio.ts';
import { acquireHealthAware } from './takeover.ts';

const HOUR_MS = 3_600_000;
/** Ten seconds after the owner has its lock, which takes it some operations. */
const HEARTBEAT_AT_MS = FIGURES.heartbeatMs + 0.2;
const FOR_EVER = { max: 1, forMs: [Number.POSITIVE_INFINITY] } as const;
const known = { expects: 'violation', session: { version: AFTER } } as const;

/** While an owner that is asked to end at 1,000 ms does so: an operation takes 0.02 ms. */
const ASKED_AT_MS = [1_000.2, 1_000.3, 1_000.4];

/** While an owner whose Chrome was updated away gives up. */
const GIVEN_UP_AT_MS = [22_501.7, 22_501.75, 22_501.8];

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
const DEAD = oldLock({ pid: 999 });

/** Beside an orphan's profile: whose it was. */
function markerOf(ppid: number): Record<string, string> {
  return { [`${PROFILE}/.openchrome-managed`]: JSON.stringify({ pid: 1_001, ppid, userDataDir: PROFILE }) };
}

/** A managed Chrome whose owner is gone. Named first, it is PID 1001. */
const ORPHAN = {
  program: 'chrome',
  argv: ['--remote-debugging-port=9222', `--user-data-dir=${PROFILE}`],
} as const;

const createTear = oneOwnerDespite(
  'a lock that is being written is not taken for stale',
  'removed-unreadable',
  1,
);
const vanished = oneOwnerDespite('only what was read is removed', 'removed-missing', 1);
const deadTwice = oneOwnerDespite('a dead owner’s lock is removed once', 'removed-dead', 2);
const zombieTwice = oneOwnerDespite('a half-zombie’s lock is removed once', 'removed-half-zombie', 2);
const tornHeartbeat = servingOwnersLockStays('removed-unreadable');
/** Whoever releases says so in the same step, and is the owner no more when this is asked. */
const ownReleaseOnly = whenever('a release removes only its own lock', 'removed-own', ({ currentClaims }) => {
  const [other] = currentClaims;
  return other === undefined ? null : `a late release removed the lock of ${other.process.name}`;
});

const orphanAnswers = notStarvedBy('an orphan Chrome starves nobody', (world) => {
  const chrome = chromeOnPort(world);
  return lockOwner(world)?.state === 'stopped' && chrome?.state === 'running' && isOrphan(chrome);
});
const hungOwner = notStarvedBy('a hung owner starves nobody', (world) => {
  const owner = lockOwner(world);
  return owner?.state === 'stopped' && chromeOnPort(world)?.parent === owner;
});
const hungChrome = notStarvedBy(
  'a hung Chrome starves nobody',
  (world) => chromeOnPort(world)?.state === 'stopped',
);
const degradedForEver = notStarvedBy(
  'a session that waits takes the place of an owner that is gone',
  (world) => lockOwner(world) === undefined && world.marks.has('degraded') && isAnybodyThere(world),
);
const putBackClock = notStarvedBy(
  'a clock that is put back starves nobody',
  ({ machine }) => machine.wallOffsetMs < 0,
);

function isAnybodyThere({ processes }: World): boolean {
  return processes.some(({ state, command }) => state === 'running' && command[0] === 'serve');
}

const unmarked = whenOrphan('a Chrome is marked before it can be left behind', (world, pid) => {
  const marker = world.files()[`${PROFILE}/.openchrome-managed`] ?? '';
  return !marker.includes(`"pid":${pid},`);
});
const strangersPid = whenOrphan('an orphan is reaped, whoever bears its owner’s PID', (world, pid) => {
  const marker = world.files()[`${PROFILE}/.openchrome-managed`] ?? '';
  return marker.includes(`"pid":${pid},`);
});

/** As {@link noOrphan}; but it counts only for this reason. */
function whenOrphan(name: string, cause: (world: World, pid: number) => boolean): typeof noOrphan {
  return {
    ...noOrphan,
    name,
    check: (world) => {
      const orphan = world.processes.find(isOrphan);
      return orphan !== undefined && cause(world, orphan.pid) ? noOrphan.check(world) : null;
    },
  };
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

/** A lock of another machine, by what is written in it. */
const othersLockStays = whenever('the lock of another host stays', 'removed-dead', ({ currentClaims }) =>
  currentClaims.length > 0
    ? `the lock of ${currentClaims[0]!.process.name} was removed by a PID that means nothing here`
    : null,
);

/** Where a user asks the session that was started first. */
const STDIO = '/openchrome-stdio';

/** Uses a tool of a session, whatever has become of it. */
const user: Program = async (ports) => {
  const request = { path: '/', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call' }) };
  const { body } = await ports.probe.request(stdioAddress(STDIO), request, FIGURES.cdpTimeoutMs);
  if ('result' in JSON.parse(body)) ports.mark('tool-used');
};

const toolsStop = whenever('an evicted owner’s tools do nothing', 'tool-used', (world) => {
  const owner = lockOwner(world);
  const evicted = world.evictions.find(({ of }) => of.alive && of !== owner)?.of;
  const chrome = chromeOnPort(world);
  if (owner === undefined || evicted === undefined || chrome?.parent !== owner) return null;
  return `${evicted.name} was evicted, and a tool of its works in ${chrome.name}, which is ${owner.name}’s`;
});

const reapedInTime = whenOrphan(
  'an owner that gives up leaves no Chrome',
  (world) => world.marks.has('self-release') && world.currentClaims.length > 0,
);

/** What is left, found by search or by reading; each with what would mend it. */
export const FINDINGS: readonly Scenario[] = [
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
  openchrome({
    ...known,
    id: 'openchrome/after/evicted-owner',
    about:
      'an evicted owner never learns it: its watchdog, still launching, puts a Chrome on its successor’s port',
    violates: evictedOwnerIsQuiet.name,
    remedy:
      'Fence it: look at the lock before each act, and end evicted owners and their children before acting.',
    programs: { chrome: chrome({ hangsIfBroken: true }) },
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['break', 'crash-chrome'], foreign: true, atMs: 2_000 },
      { program: 'serve', atMs: 125_000 },
      { program: 'script', argv: ['mend'], foreign: true, atMs: 127_000 },
    ],
    faultsForMs: 1_000,
    settleMs: 141_000,
    invariants: [evictedOwnerIsQuiet],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/resumed-owner',
    about: 'an owner that was stopped goes on after its eviction: its tools work in its successor’s Chrome',
    violates: toolsStop.name,
    remedy: 'Look at the lock before each act; end evicted owners before acting.',
    programs: { user },
    start: [
      { program: 'serve', argv: [`--stdio=${STDIO}`] },
      { program: 'script', argv: ['stop-owner', 'crash-chrome'], foreign: true, atMs: 2_000 },
      { program: 'serve', atMs: 125_000 },
      { program: 'script', argv: ['continue-first'], foreign: true, atMs: 130_000 },
      { program: 'user', foreign: true, atMs: 131_000 },
    ],
    faultsForMs: 1_000,
    settleMs: 131_000,
    invariants: [toolsStop],
  }),
  openchrome({
    ...known,
    session: { version: AFTER, descendants: true },
    id: 'openchrome/after/reaped-too-early',
    about:
      'an owner gives up its lock and then ends: whoever is faster than that finds its other Chromes cared for, and never looks again',
    violates: reapedInTime.name,
    remedy: 'End all children before the lock is released; and look for orphans now and then.',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['update'], foreign: true, atMs: 3_000 },
      ...GIVEN_UP_AT_MS.map((atMs) => ({ program: 'serve', atMs })),
    ],
    faultsForMs: 22_600,
    settleMs: 100,
    invariants: [reapedInTime],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/orphan-answers',
    about:
      'the probe asks a port, not an owner: an orphan Chrome that answers there keeps a hung owner in office',
    violates: orphanAnswers.name,
    remedy: 'Ask the owner itself, and have it answer with a nonce that its lock bears.',
    start: [ORPHAN, { program: 'serve', atMs: 1_000 }, { program: 'serve', phase: 'settle', atMs: 130_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 1_100,
    settleMs: 132_000,
    machine: { files: { ...DEAD, ...markerOf(999) } },
    invariants: [orphanAnswers],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/hung-owner',
    about: 'an owner hangs, its Chrome answers: contenders take that for health, its own host gets nothing',
    violates: hungOwner.name,
    remedy: 'Ask the owner itself, and have it answer with a nonce that its lock bears.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle', atMs: 130_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 2_000,
    settleMs: 132_000,
    invariants: [hungOwner],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/hung-chrome',
    about:
      'Chrome hangs: its watchdog looks at the PID only, and whoever takes over finds the port held, since the reaper spares children of the living',
    violates: hungChrome.name,
    remedy: 'Let the watchdog ask Chrome, not its PID; end an evicted owner and its children before acting.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle', atMs: 125_000 }],
    faults: { stop: FOR_EVER },
    faultsForMs: 21_000,
    settleMs: 165_000,
    invariants: [hungChrome],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/suspend',
    about:
      'the machine sleeps while an owner launches its Chrome: the grace is over, and whoever wakes first evicts it',
    violates: healthyOwnerStays.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    programs: { chrome: chrome({ bootMs: 5_000 }) },
    start: [{ program: 'serve' }, { program: 'serve', atMs: 1_000 }],
    faults: { suspend: { max: 1, forMs: [HOUR_MS] } },
    faultsForMs: 4_000,
    invariants: [healthyOwnerStays],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/clock-forward',
    about: 'the wall clock is set while an owner launches its Chrome: the grace is over at once',
    violates: healthyOwnerStays.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    programs: { chrome: chrome({ bootMs: 5_000 }) },
    start: [{ program: 'serve' }, { program: 'serve', atMs: 1_000 }],
    faults: { 'clock-jump': { max: 1, forMs: [HOUR_MS] } },
    faultsForMs: 4_000,
    invariants: [healthyOwnerStays],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/clock-back',
    about: 'the wall clock is put back by an hour: for that hour a half-zombie counts as just started',
    violates: putBackClock.name,
    remedy: 'Measure the grace by the monotonic clock of whoever waits.',
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'serve', atMs: 500 },
      { program: 'serve', phase: 'settle', atMs: 1_000 },
    ],
    machine: { files: oldLock({}) },
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    faultsForMs: 1_000,
    invariants: [putBackClock],
  }),
  openchrome({
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
  }),
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
  openchrome({
    ...known,
    id: 'openchrome/after/unmarked-orphan',
    about:
      'an owner is killed between the start of its Chrome and the marker: nobody will ever reap that Chrome',
    violates: unmarked.name,
    remedy: 'Put the mark where it cannot be late: on the command line of the child.',
    start: [{ program: 'serve' }, { program: 'serve', phase: 'settle' }],
    faults: { kill: 1 },
    faultsForMs: 50,
    settleMs: 5_000,
    invariants: [unmarked],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/owners-pid-reused',
    about:
      'a stranger bears the PID of an orphan’s owner: the orphan counts as cared for, and holds port and profile',
    violates: strangersPid.name,
    remedy: 'Name owners by PID and start time.',
    start: [ORPHAN, { program: 'sleeper', foreign: true }, { program: 'serve', atMs: 1_000 }],
    machine: { files: markerOf(1_002) },
    faultsForMs: 1_500,
    invariants: [strangersPid],
  }),
  openchrome({
    ...known,
    id: 'openchrome/after/reaper-kill-gap',
    about:
      'between the reaper’s looks and its signal the orphan ends and its PID goes to a stranger, who is killed',
    violates: nothingForeignSignalled.name,
    remedy: 'Bind the signal to the start time (a pidfd): check and signal in one operation.',
    start: [ORPHAN, { program: 'serve', atMs: 50 }],
    machine: { files: markerOf(999) },
    faults: { kill: 1, 'pid-reuse': 1 },
    faultsForMs: 60,
    settleMs: 100,
    invariants: [nothingForeignSignalled],
  }),
];
