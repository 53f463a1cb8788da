/** A daemon on a fixed TCP port, with a helper process, under every fault. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  type Member,
  noEviction,
  scenariosOf,
  start,
  times,
  withoutUnixSockets,
} from '../vocabulary/index.ts';
import { healthyOwnerStays, noOrphan, noStaleState, oneOwnerServes, SAFETY, TAKEOVER } from './invariants.ts';
import { BROKEN, DAEMON, DIRECTORY, HELPER, TCP_PORT, TIMING } from './setup.ts';

const LATER = [at(1_500, 'daemon'), afterFaults('daemon', 500)];
const REAPED = sometimes('an orphan was reaped', 'reaped');
const EVICTED = sometimes('a former owner was evicted', 'evict');

const shared: Member = {
  programs: { daemon: DAEMON, helper: HELPER },
  start: [times(3, 'daemon'), ...LATER],
  faultsForMs: 4_000,
  settleMs: 14_000,
  machine: { busyMs: 200 },
  invariants: [
    ...SAFETY,
    healthyOwnerStays(TIMING),
    oneOwnerServes(DIRECTORY, TCP_PORT),
    noOrphan(DIRECTORY),
    noStaleState(DIRECTORY),
    sometimes('a contender lost', 'lost'),
  ],
};

export const OWNER: readonly Scenario[] = scenariosOf('model/owner', shared, {
  'cold-start': {
    about: 'three starts at once and a late one, two killed at any moment',
    faults: { kill: 2 },
    invariants: [TAKEOVER, REAPED],
  },
  'stopped-owner': {
    about: 'owners stopped for a moment, past their lease, for good',
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    invariants: [TAKEOVER, EVICTED, REAPED],
  },
  'short-stops': {
    about: 'an owner stopped for less than its lease: none is ended',
    // Two stops, one right after the other, may be longer than the lease.
    faults: { stop: { max: 1, forMs: [50, 0.8 * TIMING.leaseMs] } },
    invariants: [noEviction],
  },
  'mixed-versions': {
    about:
      'daemons of this version and of one that knows no certificates, one killed, one stopped, a file lost',
    programs: { old: withoutUnixSockets(DAEMON) },
    start: [times(2, 'daemon'), times(2, 'old'), at(1_500, 'old'), afterFaults('daemon', 500)],
    faults: {
      stop: { max: 1, forMs: [50, 0.8 * TIMING.leaseMs, Number.POSITIVE_INFINITY] },
      kill: 1,
      'lose-state': { max: 1, under: DIRECTORY },
    },
    invariants: [TAKEOVER],
  },
  'pid-reuse': {
    about: 'owners and helpers killed or stopped, foreign processes born with their PIDs',
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    invariants: [TAKEOVER, REAPED],
  },
  'lost-metadata': {
    about: 'claims vanish or are torn while their owner lives',
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 2, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      stop: 1,
      kill: 1,
    },
    invariants: [TAKEOVER],
  },
  restarts: {
    about: 'reboots, power cuts, suspends and jumps of the clock',
    start: [start('daemon', { count: 2, atBoot: true }), ...LATER],
    faults: { reboot: 1, 'power-cut': 1, suspend: 1, 'clock-jump': 1, stop: 1, kill: 1 },
    invariants: [TAKEOVER],
  },
  'bad-weather': {
    about: 'disks fail or are full, descriptors run out, probes are late or lost, the port is grabbed',
    faults: {
      eio: 1,
      enospc: 1,
      emfile: 1,
      eacces: 1,
      'slow-probe': 2,
      'lost-probe': 2,
      'port-grab': { max: 1, tcpPort: TCP_PORT },
      kill: 1,
    },
    invariants: [TAKEOVER],
  },
  'self-release': {
    about: 'the helper cannot be started: owners give up by themselves until it is fixed',
    programs: { mender: async ({ fs }) => fs.unlink(BROKEN) },
    machine: { files: { [BROKEN]: '' } },
    start: [times(2, 'daemon'), afterFaults('mender'), afterFaults('daemon', 500)],
    faults: { kill: 1 },
    invariants: [sometimes('a self-release happened', 'self-release')],
  },
});
