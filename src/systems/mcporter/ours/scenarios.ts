/** mcporter on our protocol, with the faults of the findings and more. */
import { EXIT, parseStatus } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { eventually, oneSurvivor, type Scenario, sometimes } from '../../../scenario/index.ts';
import * as model from '../../model/invariants.ts';
import { TIMING } from '../../model/setup.ts';
import {
  afterFaults,
  anyHasQuit,
  at,
  FIRST_PID,
  foreign,
  isA,
  type Member,
  onChange,
  onSlowDisk,
  scenariosOf,
  start,
  times,
  user,
} from '../../vocabulary/index.ts';
import { COLD_STARTS, MS, STARTS } from '../constants.ts';
import * as must from '../invariants.ts';
import { cleaner, editor, KEEPS_TIME, launchd, terminal, upgrader } from '../programs/actors.ts';
import { CONFIG, CONFIGURED, DIRECTORY, METADATA, UNCONFIGURED } from '../setup.ts';
import { ourClient, ourDetached, ourRestart } from './client.ts';
import { ourHost, ourStandby } from './host.ts';
import type { OurOptions } from './options.ts';

/** So that a signal is likely to come while the metadata are being written. */
const RENAMES_LATE_MS = 1;
const CLAIMS = `${DIRECTORY}/claims`;

const OPTIONS: OurOptions = {
  directory: CLAIMS,
  metadataPath: METADATA,
  configPath: CONFIG,
  timing: TIMING,
  bind: { probeTimeoutMs: 500, stopWithinMs: 1_500, pollMs: 250 },
  closeMs: 0,
  callMs: 200,
  hostCommand: ['host'],
};

function programsOf(options: OurOptions): Readonly<Record<string, Program>> {
  return {
    host: ourHost(options),
    client: ourClient(options),
    detached: ourDetached(options),
    restart: ourRestart(options),
    ...{ launchd, terminal, editor, upgrader, cleaner },
  };
}

/** One daemon is left, and it is the one that owns. */
const oneOwnerSurvives = oneSurvivor({
  among: must.survivorsOf,
  serves: (survivor, world) =>
    world.currentClaims.some(({ process }) => process === survivor)
      ? model.whyNotTheHead(CLAIMS, survivor, world)
      : `${survivor.name} survives, and does not own`,
});

/** Clients find it by the newest claim, people in the metadata. */
const reachable = eventually('the survivor is reachable', (world) => {
  const [survivor] = must.survivorsOf(world);
  const endpoint = model.headOf(CLAIMS, world)?.endpoint;
  if (survivor === undefined || endpoint?.kind !== 'unix') return 'there is none';
  if (!must.isBoundTo(world, survivor, endpoint.path))
    return `${survivor.name} survives, and is not reachable at ${endpoint.path}`;
  const metadata = parseStatus(world.files()[METADATA] ?? '');
  return metadata?.pid === survivor.pid ? null : `the metadata name PID ${metadata?.pid ?? 'none'}`;
});

/** It was there before all others, so it served. */
const firstHasQuit = sometimes('the first daemon has been replaced', ({ processes }) =>
  processes.some((process) => process.name === 'host#1' && process.exitCode === 0),
);

const standbyTakesOver = sometimes('a start that stood by takes over', ({ currentClaims }) =>
  currentClaims.some(({ process }) => isA(process, 'standby')),
);

const standbyWaits = onChange('a start that stands by does not give up', ({ processes }) => {
  const gone = processes.find((each) => isA(each, 'standby') && each.exitCode === EXIT.blocked);
  return gone === undefined ? null : `${gone.name} has given up`;
});
/** Shorter than the run, and longer than a takeover. */
const IMPATIENT: OurOptions = { ...OPTIONS, timing: { ...TIMING, patienceMs: 8_000 } };

const { TAKEOVER } = model;
const LEFT = sometimes('a start leaves', 'leave');
/** A host and a client that come when the faults are over. */
const LATER = [afterFaults('host', 500), afterFaults('client', 1_000)];
const THREE = ['host', at(1_000, 'host'), at(1_000, 'client'), ...LATER];

const shared: Member = {
  programs: programsOf(OPTIONS),
  faultsForMs: 1_000,
  settleMs: 3_000,
  machine: { busyMs: 200, files: CONFIGURED },
  invariants: [
    ...model.SAFETY,
    model.healthyOwnerStays(TIMING),
    oneOwnerSurvives,
    reachable,
    must.noneStranded,
    must.currentConfigurationBy('changes'),
    model.noStaleState(CLAIMS),
    sometimes('a client is served', 'served'),
  ],
};

const UNDER_FAULTS = scenariosOf('mcporter/ours', shared, {
  'foreground-x5': {
    about: 'five foreground starts at once, two killed at any moment',
    start: [times(STARTS, 'host'), ...LATER],
    faults: { kill: 2 },
    invariants: [LEFT, TAKEOVER, must.noneStale],
  },
  'detached-x5': {
    about: 'five detached starts at once, one process killed at any moment',
    start: [times(STARTS, 'detached'), ...LATER],
    faults: { kill: 1 },
    invariants: [LEFT, must.noneStale],
  },
  'cold-start-x10': {
    about: 'ten clients at once, no daemon yet',
    start: [times(COLD_STARTS, 'client'), ...LATER],
    faultsForMs: 500,
    settleMs: 2_000,
    invariants: [must.noneStale],
  },
  'stopped-daemon': {
    about: 'hosts stopped for a moment, past their lease, for good; one killed',
    start: THREE,
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    faultsForMs: 1_500,
    settleMs: 8_000,
    invariants: [TAKEOVER],
  },
  'pid-reuse': {
    about: 'hosts killed or stopped, foreign processes born with their PIDs',
    start: [times(2, 'host'), at(1_000, 'host'), ...LATER],
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER],
  },
  'lost-metadata': {
    about: 'claims and metadata vanish, are torn, hold garbage',
    start: ['host', at(1_000, 'host'), ...LATER],
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 1, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      kill: 1,
    },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER, sometimes('metadata are restored', 'reconciled')],
  },
  'stale-config': {
    about: 'an edit that keeps the time, between two starts; a daemon slow to close; one process killed',
    start: ['host', start('upgrader', { argv: [KEEPS_TIME], atMs: 500 }), ...LATER],
    // Longer than any client or host waits.
    programs: programsOf({ ...OPTIONS, closeMs: MS.stop + 1_000 }),
    faults: { kill: 1 },
    faultsForMs: 1_500,
    settleMs: 7_000,
    invariants: [sometimes('a stale daemon is stopped', 'stop-stale'), TAKEOVER],
  },
  restart: {
    about: 'daemon restart, its processes killed at any moment: another daemon serves',
    start: ['host', at(500, 'restart'), ...LATER],
    faults: { kill: 1 },
    invariants: [TAKEOVER, firstHasQuit, must.noneStale],
  },
  launchd: {
    about:
      'launchd keeps a start alive beside the daemon of a client, one killed: it stands by, and takes over',
    programs: { standby: ourStandby(IMPATIENT) },
    start: ['client', foreign(at(500, 'launchd always standby')), ...LATER],
    faults: { kill: 1 },
    faultsForMs: 1_500,
    settleMs: 12_000,
    invariants: [
      TAKEOVER,
      must.notInVain,
      standbyWaits,
      sometimes('a start stands by', 'stand-by'),
      standbyTakesOver,
    ],
  },
  terminal: {
    about: 'Ctrl-Z, another start, fg, Ctrl-C',
    start: ['terminal 300:SIGSTOP 2500:SIGCONT 4500:SIGINT', at(500, 'host'), ...LATER],
    faultsForMs: 5_000,
    settleMs: 3_000,
  },
  'bad-weather': {
    about: 'late and lost answers, a clock that is corrected, a suspend, one process killed',
    start: THREE,
    faults: { 'slow-probe': 2, 'lost-probe': 2, 'clock-jump': 1, suspend: 1, kill: 1 },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER],
  },
});

const unconfigured: Member = { ...shared, machine: { busyMs: 200, files: UNCONFIGURED } };

const WITHOUT_CONFIG = scenariosOf('mcporter/ours', unconfigured, {
  'no-config-file': {
    about: 'no configuration file, three clients in turn: one daemon serves them all',
    start: [...[0, 500, 1_000].map((atMs) => at(atMs, 'client')), ...LATER],
    invariants: [must.noneStale],
  },
});

const alone: Member = { ...shared, programs: {}, invariants: model.SAFETY };

const CLEAN_STOP = scenariosOf('mcporter/ours', alone, {
  'clean-stop': {
    about: 'a daemon is asked to stop at any moment, its metadata maybe on their way: nothing is left',
    programs: { host: onSlowDisk(ourHost(OPTIONS), RENAMES_LATE_MS, 'rename'), user },
    start: [
      'host',
      // It owns, and is about to write them.
      foreign(at(2.5, `user ${FIRST_PID} 0 never`)),
      foreign(at(2.6, `user ${FIRST_PID} 0 500`)),
    ],
    settleMs: 1_000,
    invariants: [
      onChange('a daemon that has quit leaves nothing', (world) => {
        if (!anyHasQuit('host')(world)) return null;
        const left = Object.keys(world.files()).find((path) => path === METADATA || path.includes('/tmp-'));
        return left === undefined ? null : `the daemon has quit, and ${left} is left`;
      }),
      sometimes('a daemon has quit', anyHasQuit('host')),
      sometimes('its metadata had been written', 'reconciled'),
    ],
  },
});

export const OURS: readonly Scenario[] = [...UNDER_FAULTS, ...WITHOUT_CONFIG, ...CLEAN_STOP];
