/** mcporter's programs: before #195, with #195 and its follow-ups, and on our protocol. */
import { DEFAULT_TIMING } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { ourClient, ourDetached } from '../../systems/mcporter/ours/client.ts';
import { ourHost } from '../../systems/mcporter/ours/host.ts';
import type { OurOptions } from '../../systems/mcporter/ours/options.ts';
import { BEFORE, MERGED, mcporter } from '../../systems/mcporter/programs/rules.ts';
import { CONFIG, DIRECTORY, METADATA } from '../../systems/mcporter/setup.ts';
import type { VariantName } from '../table.ts';

export const CLAIMS = `${DIRECTORY}/claims`;

const OURS: OurOptions = {
  directory: CLAIMS,
  metadataPath: METADATA,
  configPath: CONFIG,
  // A busy machine must not stop a healthy daemon.
  timing: { ...DEFAULT_TIMING, leaseMs: 20_000, bootGraceMs: 60_000, challengeMs: 10_000 },
  bind: { probeTimeoutMs: 5_000, stopWithinMs: 20_000, pollMs: 100 },
  closeMs: 0,
  callMs: 200,
  hostCommand: ['host'],
};

/** A stopped daemon is replaced after about as long as with #195. */
const QUICK: OurOptions = {
  ...OURS,
  timing: {
    ...DEFAULT_TIMING,
    ...{ probeEveryMs: 100, probeTimeoutMs: 400, failedProbes: 2, bootGraceMs: 1_200, leaseMs: 800 },
    ...{ challengeMs: 1_000, termGraceMs: 250, killGraceMs: 800, selfCheckMs: 200 },
  },
};

function ours(options: OurOptions): Readonly<Record<string, Program>> {
  return { host: ourHost(options), client: ourClient(options), detached: ourDetached(options) };
}

export const OURS_QUICK = ours(QUICK);

export const PROGRAMS: Readonly<Record<VariantName, Readonly<Record<string, Program>>>> = {
  before: mcporter(BEFORE),
  after: mcporter(MERGED),
  ours: ours(OURS),
};
