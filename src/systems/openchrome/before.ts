import { type Scenario, type ScenarioOptions, scenario } from '../../scenario/index.ts';
import { chrome } from './chrome.ts';
import { formatRecord, type LockRecord } from './controller-lock.ts';
import { host } from './host.ts';
import { aSessionServes, everyHostLearnsWhy, noOrphan, workingChromeStays } from './invariants.ts';
import { script, sleeper } from './script.ts';
import { BEFORE, type SessionOptions, serve } from './session.ts';
import { CDP_PORT, LOCK, PROFILE } from './setup.ts';

type Options = Omit<ScenarioOptions, 'programs'> & { session: SessionOptions } & Partial<ScenarioOptions>;

/** The programs of openchrome, in one version. */
export function openchrome({ session, ...options }: Options): Scenario {
  return scenario({
    ...options,
    machine: { busyMs: 0, ...options.machine },
    programs: { serve: serve(session), chrome: chrome(), host, script, sleeper, ...options.programs },
  });
}

/** The lock file of somebody who took it ten minutes ago, and whose Chrome has not answered since. */
export function oldLock(differs: Partial<LockRecord>): Record<string, string> {
  const atMs = Date.UTC(2026, 0, 1) - 600_000;
  const record: LockRecord = {
    pid: 1_001,
    port: CDP_PORT,
    userDataDir: PROFILE,
    startedAt: atMs,
    lastHeartbeatAt: atMs,
    hostname: 'machine',
    ...differs,
  };
  return { [LOCK]: formatRecord(record) };
}

const known = { expects: 'violation', session: { version: BEFORE } } as const;

export const BEFORE_SCENARIOS: readonly Scenario[] = [
  openchrome({
    ...known,
    id: 'openchrome/before/half-zombie',
    about: 'an owner that lives and whose Chrome is gone for good refuses all others for ever',
    violates: 'a session serves',
    remedy: 'Ask whether the owner’s Chrome answers, and take over when it does not (#1477).',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['update'], foreign: true, atMs: 2_000 },
      { program: 'serve', atMs: 4_000 },
      { program: 'serve', phase: 'settle', atMs: 1_000 },
    ],
    faultsForMs: 5_000,
    // Long enough for the watchdog to see that Chrome cannot be started again.
    settleMs: 8_000,
    invariants: [aSessionServes],
  }),
  openchrome({
    ...known,
    id: 'openchrome/before/unexplained',
    about: 'all sessions but one end before the handshake: their hosts see "-32000" and nothing else',
    violates: everyHostLearnsWhy.name,
    remedy: 'Answer the handshake in degraded form, and give the reason as structured data (#1479).',
    start: [{ program: 'host' }, { program: 'host', atMs: 2_000 }],
    settleMs: 5_000,
    invariants: [everyHostLearnsWhy],
  }),
  openchrome({
    ...known,
    session: { version: BEFORE, descendants: true },
    id: 'openchrome/before/orphans',
    about:
      'an owner dies: its headed fallback and its headless Chrome run on, and nobody knows whose they are',
    violates: 'no orphan',
    remedy: 'Mark every Chrome that is started, and let the next owner end those whose owner is gone (G2).',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['crash-owner'], foreign: true, atMs: 5_000 },
      { program: 'serve', atMs: 6_000 },
    ],
    faultsForMs: 7_000,
    invariants: [noOrphan],
  }),
  openchrome({
    ...known,
    id: 'openchrome/before/pid-reuse',
    about: 'a stranger bears the PID that a dead owner left in the lock: all are refused',
    violates: 'a session serves',
    remedy: 'Ask whether the owner’s Chrome answers (#1477); or put its start time into the lock.',
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'serve', atMs: 100 },
      { program: 'serve', phase: 'settle' },
    ],
    machine: { files: oldLock({}) },
    invariants: [aSessionServes],
  }),
  openchrome({
    ...known,
    session: { version: { ...BEFORE, releases: 'exhausted' }, relaunches: 9 },
    id: 'openchrome/before/early-release',
    about: 'the first self-release went by "watchdog-exhausted", which follows a relaunch that went well',
    violates: workingChromeStays.name,
    remedy: 'Count relaunches that failed, and ask Chrome once more before giving up (#1478 as merged).',
    start: [{ program: 'serve' }, { program: 'script', argv: ['crash-chrome'], foreign: true, atMs: 2_000 }],
    faultsForMs: 15_000,
    invariants: [workingChromeStays],
  }),
];
