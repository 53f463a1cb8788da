import { type Scenario, type ScenarioOptions, scenario, sometimes } from '../../scenario/index.ts';
import { FOUND } from './found/index.ts';
import {
  healthyOwnerStays,
  nobodyEvicted,
  noOrphan,
  noStaleState,
  oneOwnerServes,
  SAFETY,
  TAKEOVER,
} from './invariants.ts';
import { LOCK } from './lock.ts';
import { BROKEN, DAEMON, DIRECTORY, HELPER, TCP_PORT, TIMING } from './setup.ts';

/** A daemon on a fixed TCP port, with a helper process of its own. */
function ownerScenario(options: Pick<ScenarioOptions, 'id' | 'about'> & Partial<ScenarioOptions>): Scenario {
  return scenario({
    programs: { daemon: DAEMON, helper: HELPER },
    start: [
      { program: 'daemon', count: 3 },
      { program: 'daemon', atMs: 1_500 },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faultsForMs: 4_000,
    settleMs: 14_000,
    machine: { busyMs: 200 },
    ...options,
    invariants: [
      ...SAFETY,
      healthyOwnerStays(TIMING),
      oneOwnerServes(DIRECTORY, TCP_PORT),
      noOrphan(DIRECTORY),
      noStaleState(DIRECTORY),
      sometimes('a contender lost', 'lost'),
      ...(options.invariants ?? []),
    ],
  });
}

const REAPED = sometimes('an orphan was reaped', 'reaped');
const EVICTED = sometimes('a former owner was evicted', 'evict');

export const MODEL: readonly Scenario[] = [
  ...LOCK,
  ownerScenario({
    id: 'model/owner/cold-start',
    about: 'three starts at once and a late one, two killed at any moment',
    faults: { kill: 2 },
    invariants: [TAKEOVER, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/stopped-owner',
    about: 'owners stopped for a moment, past their lease, for good',
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    invariants: [TAKEOVER, EVICTED, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/short-stops',
    about: 'owners stopped for less than their grace: nobody is ended',
    faults: { stop: { max: 2, forMs: [50, 1_500] } },
    invariants: [nobodyEvicted],
  }),
  ownerScenario({
    id: 'model/owner/pid-reuse',
    about: 'owners and helpers killed or stopped, strangers born with their PIDs',
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    invariants: [TAKEOVER, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/lost-metadata',
    about: 'claims vanish or are torn while their owner lives',
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 2, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      stop: 1,
      kill: 1,
    },
    invariants: [TAKEOVER],
  }),
  ownerScenario({
    id: 'model/owner/restarts',
    about: 'reboots, power cuts, suspends and jumps of the clock',
    start: [
      { program: 'daemon', count: 2, atBoot: true },
      { program: 'daemon', atMs: 1_500 },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faults: { reboot: 1, 'power-cut': 1, suspend: 1, 'clock-jump': 1, stop: 1, kill: 1 },
    invariants: [TAKEOVER],
  }),
  ownerScenario({
    id: 'model/owner/bad-weather',
    about:
      'disks that fail or are full, too many descriptors, questions that are late or lost, a stranger on the port',
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
  }),
  ownerScenario({
    id: 'model/owner/self-release',
    about: 'the helper cannot be started: owners give up by themselves until it is mended',
    programs: {
      daemon: DAEMON,
      helper: HELPER,
      mender: async ({ fs }) => {
        await fs.unlink(BROKEN);
        return 0;
      },
    },
    machine: { busyMs: 200, files: { [BROKEN]: '' } },
    start: [
      { program: 'daemon', count: 2 },
      { program: 'mender', phase: 'settle' },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faults: { kill: 1 },
    invariants: [sometimes('a self-release happened', 'self-release')],
  }),
  ...FOUND,
];
