import { isSystemError, type Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import { openchrome } from '../before.ts';
import { chrome } from '../chrome.ts';
import { chromeOnPort, evictedOwnerIsQuiet, lockOwner, whenever } from '../invariants.ts';
import { AFTER } from '../session.ts';
import { FIGURES } from '../setup.ts';
import { stdioAddress } from '../stdio.ts';
import { known, whenOrphan } from './setup.ts';

/** While an owner whose Chrome was updated away gives up. */
const GIVEN_UP_AT_MS = [22_501.65, 22_501.7, 22_501.75, 22_501.8, 22_501.85];

/** Where a user asks the session that was started first. */
const STDIO = '/openchrome-stdio';

/** Uses a tool of a session, whatever has become of it; unless it is gone. */
const user: Program = async ({ probe, mark }) => {
  const request = { path: '/', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call' }) };
  try {
    const { body } = await probe.request(stdioAddress(STDIO), request, FIGURES.cdpTimeoutMs);
    if ('result' in JSON.parse(body)) mark('tool-used');
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
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

/** An owner that is none any more goes on, or its Chrome does. */
export const OF_THE_EVICTED: readonly Scenario[] = [
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
      // A broker's file is removed after its lock.
      { program: 'serve', argv: ['--broker'] },
      { program: 'script', argv: ['update'], foreign: true, atMs: 3_000 },
      ...GIVEN_UP_AT_MS.map((atMs) => ({ program: 'serve', atMs })),
    ],
    faultsForMs: 22_600,
    settleMs: 100,
    invariants: [reapedInTime],
  }),
];
