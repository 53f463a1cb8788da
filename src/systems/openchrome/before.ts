/** openchrome 1.12.7, with the bugs of issue #1474. */
import type { Scenario } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  foreign,
  type Member,
  scenariosOf,
  sleepForever,
  times,
} from '../vocabulary/index.ts';
import * as must from './invariants.ts';
import { chrome } from './programs/chrome.ts';
import { oldLock } from './programs/controller-lock.ts';
import { events } from './programs/events.ts';
import { guardian } from './programs/guardian.ts';
import { host } from './programs/host.ts';
import { BEFORE, serve } from './programs/session.ts';

/** What all scenarios of openchrome's own sessions share. */
export const shared: Member = {
  programs: { chrome: chrome(), host, script: events, sleeper: (ports) => sleepForever(ports, 600_000) },
  machine: { busyMs: 0 },
};

export const before: Member = { ...shared, programs: { ...shared.programs, serve: serve(BEFORE) } };

/** Sessions of one registration: the first has its lock when the others start. What goes wrong before that is in create-tear. */
export function oneThenAll(count: number): Member {
  return { start: ['host', at(1_000, times(count - 1, 'host'))], faultsForMs: 2_000, settleMs: 5_000 };
}

/** Of these sessions, all but one. */
export function refused(count: number): Member {
  return {
    ...oneThenAll(count),
    about: `${count} sessions of one registration: the first serves, all others end before the handshake`,
    remedy: 'Answer the handshake in degraded form, and give the reason as structured data (#1479).',
    breaks: must.noneRefusedInSilence,
  };
}

export const BEFORE_SCENARIOS: readonly Scenario[] = scenariosOf('openchrome/before', before, {
  'half-zombie': {
    about: 'an owner that lives and whose Chrome is gone for good refuses all others for ever',
    remedy: 'Ask whether the owner’s Chrome answers, and take over when it does not (#1477).',
    breaks: must.aSessionServes,
    start: ['serve', foreign(at(2_000, 'script update')), at(4_000, 'serve'), afterFaults('serve', 1_000)],
    faultsForMs: 5_000,
    // Long enough for the watchdog to see that Chrome cannot be started again.
    settleMs: 8_000,
  },
  unexplained: {
    about: 'all sessions but one end before the handshake: their hosts see "-32000" and nothing else',
    remedy: 'Answer the handshake in degraded form, and give the reason as structured data (#1479).',
    breaks: must.everyHostLearnsWhy,
    start: ['host', at(2_000, 'host')],
    settleMs: 5_000,
  },
  'twelve-sessions': refused(12),
  'no-broker': {
    about: 'a client that finds no broker ends before the handshake: its host sees "-32000" and nothing else',
    remedy: 'Say over MCP that there is no broker, and how to start one (G3).',
    breaks: must.everyHostLearnsWhy,
    start: ['serve', 'host --connect-broker'],
    settleMs: 5_000,
  },
  orphans: {
    about: 'an owner dies: its watchdog process ends the managed Chrome, headed fallback and headless run on',
    remedy: 'Mark every Chrome that is started, and let the next owner end those whose owner is gone (G2).',
    breaks: must.noOrphan,
    programs: { guardian, serve: serve(BEFORE, { descendants: true, guarded: true }) },
    start: ['serve', foreign(at(5_000, 'script crash-owner')), at(6_000, 'serve')],
    faultsForMs: 7_000,
  },
  'pid-reuse': {
    about: 'a foreign process has the PID that a dead owner left in the lock: all are refused',
    remedy: 'Ask whether the owner’s Chrome answers (#1477); or put its start time into the lock.',
    breaks: must.aSessionServes,
    start: [foreign('sleeper'), at(100, 'serve'), afterFaults('serve')],
    machine: { files: oldLock({}) },
  },
  'early-release': {
    about: 'the first self-release went by "watchdog-exhausted", which follows a relaunch that went well',
    remedy: 'Count relaunches that failed, and ask Chrome once more before giving up (#1478 as merged).',
    breaks: must.workingChromeStays,
    programs: { serve: serve({ ...BEFORE, releases: 'exhausted' }, { relaunches: 9 }) },
    start: ['serve', foreign(at(2_000, 'script crash-chrome'))],
    faultsForMs: 15_000,
  },
});
