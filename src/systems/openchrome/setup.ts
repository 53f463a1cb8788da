import type { Address } from '../../ports/index.ts';

/** Where openchrome and its Chrome keep what the protocol is about; a home directory's `.openchrome`. */
export const HOME = '/openchrome';
export const PROFILE = `${HOME}/profile`;
export const LOCK = `${HOME}/locks/port-9222-openchrome_profile.json`;
export const BROKER_FILE = `${HOME}/brokers/port-9222-openchrome_profile.json`;
/** The version of Chrome that is installed. A session looks once, when it starts: an update takes away what it knows. */
export const INSTALLED = '/opt/chrome/current';
/** As long as this is there no Chrome of the profile starts. */
export const BROKEN = `${PROFILE}/broken`;

/** Chrome's debugging port; the headed fallback's lies 100 above it (9322), a headless one was seen on 9666. */
export const CDP_PORT = 9_222;
export const FALLBACK_OFFSET = 100;
export const HEADLESS_PORT = 9_666;

export function cdpAddress(tcpPort: number): Address {
  return { kind: 'tcp', host: '127.0.0.1', tcpPort };
}

/** Figures of openchrome 1.12.7 and its issue #1474 with the pull requests #1477, #1478 and #1479. In milliseconds. */
export const FIGURES = {
  /** `OPENCHROME_LOCK_PROBE_ATTEMPTS`, `…_PROBE_INTERVAL_MS`, `…_MAX_TAKEOVERS`. */
  probes: 3,
  probeEveryMs: 500,
  maxTakeovers: 3,
  /** The launch budget, and 60 s for all that comes before the launch. */
  launchMs: 60_000,
  graceMs: 60_000 + 60_000,
  /** Of the lock's heartbeat, and of the look at Chrome's PID. */
  heartbeatMs: 10_000,
  watchdogMs: 10_000,
  /** After a relaunch so many looks are left out. */
  cooldownLooks: 3,
  /** After so many relaunches that went well the watchdog stops: `watchdog-exhausted`. */
  maxRelaunches: 10,
  /** `relaunch-failed` in a row before an owner asks itself whether to give up. */
  failuresToRelease: 2,
  /** Of a question to Chrome. */
  cdpTimeoutMs: 2_000,
  /** One look for a broker, and ten more; and how long its health may take. */
  brokerLooks: 11,
  brokerLookEveryMs: 300,
  brokerHealthMs: 1_000,
} as const;

/** The seed's words: "takeover within about 2 s", from the contender's start. */
export const TAKEOVER_MS = 2_000;

/** The owner gave up so that its host starts a fresh one (#1478); a second session before the handshake. */
export const EXIT_RELEASED = 70;
export const EXIT_REFUSED = 2;

/** How long a Chrome takes from its start to its debugging port. */
export const CHROME_BOOT_MS = 300;
