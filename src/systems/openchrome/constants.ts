/** The version that the issue is about, as its lock file names it. */
export const VERSION = '1.12.7';

/** The figures of openchrome 1.12.7 and its issue #1474 with the pull requests #1477, #1478 and #1479. In milliseconds. */
export const LIMITS = {
  /** `OPENCHROME_LOCK_PROBE_ATTEMPTS`, `…_PROBE_INTERVAL_MS`, `…_MAX_TAKEOVERS`. */
  probes: 3,
  probeEveryMs: 500,
  maxTakeovers: 3,
  /** The launch budget, and 60 s for everything before the launch. */
  launchMs: 60_000,
  graceMs: 60_000 + 60_000,
  /** Of the lock's heartbeat, and of the look at Chrome's PID. */
  heartbeatMs: 10_000,
  watchdogMs: 10_000,
  /** After a relaunch this many looks are left out. */
  cooldownLooks: 3,
  /** After this many relaunches that went well the watchdog stops: `watchdog-exhausted`. */
  maxRelaunches: 10,
  /** `relaunch-failed` in a row before an owner considers giving up. */
  failuresToRelease: 2,
  /** Of a question to Chrome. */
  cdpTimeoutMs: 2_000,
  /** One look for a broker, and ten more; and how long its health may take. */
  brokerLooks: 11,
  brokerLookEveryMs: 300,
  brokerHealthMs: 1_000,
  /** How often the watchdog process of a Chrome looks, and how long that Chrome has after SIGTERM (`process-guardian.ts`). */
  guardianPollMs: 500,
  guardianGraceMs: 500,
  /** How long `--auto-connect` waits for `DevToolsActivePort`, how often it looks, and how long its connection may take. */
  autoConnectMs: 5_000,
  autoConnectPollMs: 100,
  autoConnectProbeMs: 1_500,
} as const;

/** The words: "takeover within about 2 s", from the contender's start. */
export const TAKEOVER_MS = 2_000;

/** The owner gave up so that its host starts a fresh one (#1478); a second session before the handshake. */
export const EXIT_RELEASED = 70;
export const EXIT_REFUSED = 2;

/** Of a Chrome whose profile is in use on another host: `RESULT_CODE_PROFILE_IN_USE` of Chromium. */
export const EXIT_PROFILE_IN_USE = 21;

/** How long a Chrome takes from its start to its debugging port. */
export const CHROME_BOOT_MS = 300;
