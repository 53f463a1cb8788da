/** An owner that was evicted goes on, or its Chrome does. */
import type { Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import { at, foreign, orElse, scenariosOf, whenMarked } from '../../vocabulary/index.ts';
import { after } from '../after.ts';
import { LIMITS } from '../constants.ts';
import { chromeOnPort, evictedOwnerIsQuiet, lockOwner, noOrphanBy } from '../invariants.ts';
import { chrome } from '../programs/chrome.ts';
import { AFTER, serve } from '../programs/session.ts';
import { stdioAddress } from '../programs/stdio.ts';

/** While an owner whose Chrome was updated away gives up. */
const GIVEN_UP_AT_MS = [22_501.65, 22_501.7, 22_501.75, 22_501.8, 22_501.85];

/** Where a user asks the session that was started first. */
const STDIO = '/openchrome-stdio';

/** Uses a tool of that session, if it is still there. */
const user: Program = async ({ probe, mark }) => {
  const request = { path: '/', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call' }) };
  const answer = await orElse(probe.request(stdioAddress(STDIO), request, LIMITS.cdpTimeoutMs), null);
  if (answer !== null && 'result' in JSON.parse(answer.body)) mark('tool-used');
};

const toolsStop = whenMarked('an evicted owner’s tools do nothing', 'tool-used', (world) => {
  const owner = lockOwner(world);
  const evicted = world.evictions.find(({ of }) => of.alive && of !== owner)?.of;
  const chrome = chromeOnPort(world);
  if (owner === undefined || evicted === undefined || chrome?.parent !== owner) return null;
  return `${evicted.name} was evicted, and a tool of its works in ${chrome.name}, which is ${owner.name}’s`;
});

const reapedInTime = noOrphanBy(
  'an owner that gives up leaves no Chrome',
  (world) => world.marks.has('self-release') && world.currentClaims.length > 0,
);

export const OF_THE_EVICTED: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'evicted-owner': {
    about: 'an evicted owner never learns it: its watchdog starts a Chrome on its successor’s port',
    remedy: 'Fence it: look at the lock before each act, and end evicted owners before acting.',
    breaks: evictedOwnerIsQuiet,
    programs: { chrome: chrome({ hangsIfBroken: true }) },
    start: [
      'serve',
      foreign(at(2_000, 'script break crash-chrome')),
      at(125_000, 'serve'),
      foreign(at(127_000, 'script mend')),
    ],
    faultsForMs: 1_000,
    settleMs: 141_000,
  },
  'resumed-owner': {
    about: 'an owner that was stopped goes on after its eviction: its tools work in its successor’s Chrome',
    remedy: 'Look at the lock before each act; end evicted owners before acting.',
    breaks: toolsStop,
    programs: { user },
    start: [
      `serve --stdio=${STDIO}`,
      foreign(at(2_000, 'script stop-owner crash-chrome')),
      at(125_000, 'serve'),
      foreign(at(130_000, 'script continue-first')),
      foreign(at(131_000, 'user')),
    ],
    faultsForMs: 1_000,
    settleMs: 131_000,
  },
  'reaped-too-early': {
    about: 'an owner gives up its lock before it ends: its other Chromes are not yet orphans',
    remedy: 'End all children before the lock is released; and look for orphans now and then.',
    breaks: reapedInTime,
    programs: { serve: serve(AFTER, { descendants: true }) },
    start: [
      // A broker's file is removed after its lock.
      'serve --broker',
      foreign(at(3_000, 'script update')),
      ...GIVEN_UP_AT_MS.map((atMs) => at(atMs, 'serve')),
    ],
    faultsForMs: 22_600,
    settleMs: 100,
  },
});
