/** What the scenarios of openchrome on our protocol share. */
import type { LeaseTiming, Timing } from '../../../model/index.ts';
import { sometimes } from '../../../scenario/index.ts';
import { noOrphan, noStaleState } from '../../model/invariants.ts';
import { afterFaults, at, type Member, soundOwnerStays, times } from '../../vocabulary/index.ts';
import { chrome } from '../programs/chrome.ts';
import { events } from '../programs/events.ts';
import { host } from '../programs/host.ts';
import { FALLBACK, HEADLESS } from '../programs/launcher.ts';
import { BROKER_PORT, cdpAddress, HOME } from '../setup.ts';
import type { ChromeTiming } from './chrome.ts';
import { oneSessionServes, onlyKnownCodes, SAFETY } from './invariants.ts';
import { session } from './session.ts';

export const DIRECTORY = `${HOME}/owner`;
export const TRUST_FILE = `${HOME}/trust.json`;

/** A half-zombie is taken over within `TAKEOVER_MS`; the relations that {@link Timing} states hold. */
const TIMING: Timing = {
  probeEveryMs: 150,
  probeTimeoutMs: 200,
  failedProbes: 3,
  bootGraceMs: 600,
  leaseMs: 600,
  hangMs: 1_200,
  challengeMs: 850,
  termGraceMs: 200,
  killGraceMs: 300,
  selfCheckMs: 600,
  tidyEveryMs: 4_000,
  patienceMs: 20_000,
};
const CHROME_TIMING: ChromeTiming = { launchMs: 1_000, lookEveryMs: 600, askMs: 120, recoverMs: 3_500 };
const LEASES: LeaseTiming = { ttlMs: 1_500, sweepEveryMs: 750 };

const OPTIONS = {
  directory: DIRECTORY,
  endpoint: cdpAddress(BROKER_PORT),
  timing: TIMING,
  leases: LEASES,
  chrome: ['chrome'],
  chromeTiming: CHROME_TIMING,
  lookAgainMs: 1_000,
  useEveryMs: 700,
  trustFile: TRUST_FILE,
} as const;
const SERVE = session(OPTIONS);
/** Starts a headed fallback and a headless Chrome too. */
export const SERVE_ALL = session({ ...OPTIONS, descendants: [FALLBACK, HEADLESS] });

export const LOST = sometimes('a contender was refused', 'lost');
export const TAKEOVER = sometimes('a takeover happened', 'takeover');
export const REAPED = sometimes('an orphan was reaped', 'reaped');

export const shared: Member = {
  programs: { serve: SERVE, chrome: chrome(), host, script: events },
  start: [times(2, 'serve'), at(1_500, 'serve'), afterFaults('serve', 500)],
  faultsForMs: 2_500,
  settleMs: 4_500,
  machine: { busyMs: 100 },
  invariants: [
    ...SAFETY,
    // Longer than any grace, with a Chrome that answers.
    soundOwnerStays(TIMING.bootGraceMs + TIMING.challengeMs + CHROME_TIMING.recoverMs),
    oneSessionServes(DIRECTORY),
    noOrphan(DIRECTORY),
    noStaleState(DIRECTORY),
    onlyKnownCodes,
  ],
};
/** On an idle machine. */
export const prompt: Member = { ...shared, machine: { busyMs: 0 } };
