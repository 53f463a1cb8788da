/** A daemon on a fixed TCP port, with a helper process: its directory, its endpoint, its timing. */
import type { Timing } from '../../model/index.ts';
import type { Address } from '../../ports/index.ts';
import { daemon, helper } from './programs/daemon.ts';

export const DIRECTORY = '/run/one';
export const TCP_PORT = 49_152;
/** While it is there the helper fails to start. */
export const BROKEN = '/etc/broken';
export const ENDPOINT: Address = { kind: 'tcp', host: '127.0.0.1', tcpPort: TCP_PORT };

/** As the defaults, but shorter: idle time costs nothing in a simulation, what happens meanwhile does. */
export const TIMING: Timing = {
  probeEveryMs: 250,
  probeTimeoutMs: 300,
  failedProbes: 3,
  bootGraceMs: 2_500,
  leaseMs: 1_000,
  hangMs: 4_000,
  challengeMs: 1_200,
  termGraceMs: 400,
  killGraceMs: 400,
  selfCheckMs: 500,
  tidyEveryMs: 2_000,
  patienceMs: 20_000,
};

export const HELPER = helper(BROKEN);

export const DAEMON = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: TIMING,
  helper: ['helper'],
});
