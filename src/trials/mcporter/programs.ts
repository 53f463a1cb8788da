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
  // A stopped daemon is replaced after about as long as with #195; a busy machine must not stop a healthy one.
  timing: {
    ...DEFAULT_TIMING,
    ...{ probeEveryMs: 200, probeTimeoutMs: 1_000, failedProbes: 2, bootGraceMs: 8_000 },
    ...{ leaseMs: 1_500, challengeMs: 2_500, termGraceMs: 250, killGraceMs: 5_000, selfCheckMs: 250 },
  },
  bind: { probeTimeoutMs: 5_000, stopWithinMs: 20_000, pollMs: 100 },
  closeMs: 0,
  callMs: 200,
  hostCommand: ['host'],
};

export const PROGRAMS: Readonly<Record<VariantName, Readonly<Record<string, Program>>>> = {
  before: mcporter(BEFORE),
  after: mcporter(MERGED),
  ours: { host: ourHost(OURS), client: ourClient(OURS), detached: ourDetached(OURS) },
};
