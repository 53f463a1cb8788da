/** openchrome's programs: 1.12.7, with the pull requests, and on our protocol. */
import { DEFAULT_TIMING, type Timing } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { type OurSessionOptions, session } from '../../systems/openchrome/ours/session.ts';
import { chrome } from '../../systems/openchrome/programs/chrome.ts';
import { host } from '../../systems/openchrome/programs/host.ts';
import { FALLBACK, HEADLESS } from '../../systems/openchrome/programs/launcher.ts';
import { AFTER, BEFORE, serve, type Version } from '../../systems/openchrome/programs/session.ts';
import { BROKER_PORT, cdpAddress, HOME } from '../../systems/openchrome/setup.ts';

type Programs = Readonly<Record<string, Program>>;

/** With a session of this version. @param descendants whether a session starts a headed fallback and a headless Chrome too */
export function programsOf(version: Version, { descendants = false } = {}): Programs {
  return { serve: serve(version, { descendants }), chrome: chrome(), host };
}

export const OF_BEFORE = programsOf(BEFORE);
export const OF_AFTER = programsOf(AFTER);
/** #1477 alone: no owner gives up by itself. */
export const TAKEOVER_ONLY = programsOf({ ...AFTER, releases: 'never' });
export const ALL_CHROMES = {
  before: programsOf(BEFORE, { descendants: true }),
  after: programsOf(AFTER, { descendants: true }),
};

/** How long an owner of ours whose Chrome is gone still counts as healthy: it may come back. */
export const RECOVER_MS = 1_000;

const OURS: OurSessionOptions = {
  directory: `${HOME}/owner`,
  endpoint: cdpAddress(BROKER_PORT),
  timing: DEFAULT_TIMING,
  leases: { ttlMs: 2_000, sweepEveryMs: 500 },
  chrome: ['chrome'],
  // A busy machine takes a while to start a process.
  chromeTiming: { launchMs: 60_000, lookEveryMs: 100, askMs: 5_000, recoverMs: RECOVER_MS },
  lookAgainMs: 250,
  useEveryMs: 250,
};

/** Short enough for "within about 2 s", the document's words, on a machine that has nothing else to do. */
const QUICK: Timing = {
  ...DEFAULT_TIMING,
  ...{ probeEveryMs: 100, probeTimeoutMs: 400, bootGraceMs: 550, leaseMs: 500, challengeMs: 600 },
  ...{ termGraceMs: 150, killGraceMs: 300, selfCheckMs: 150, tidyEveryMs: 500 },
};

export function ours(differs: Partial<OurSessionOptions> = {}): Programs {
  return { serve: session({ ...OURS, ...differs }), chrome: chrome(), host };
}

export const OURS_QUICK = ours({ timing: QUICK });
export const OURS_ALL_CHROMES = ours({ descendants: [FALLBACK, HEADLESS] });
