import { EXIT, parseStatus } from '../../model/index.ts';
import {
  always,
  eventually,
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
  type World,
} from '../../scenario/index.ts';
import { headOf, healthyOwnerStays, noStaleState, oneOwnerServes, SAFETY } from '../model/invariants.ts';
import { TIMING } from '../model/setup.ts';
import { FIRST_PID, quits } from '../quits.ts';
import { onSlowDisk } from '../slow-disk.ts';
import { cleaner, editor, KEEPS_TIME, terminal, upgrader } from './actors.ts';
import {
  currentConfigurationBy,
  nobodyStale,
  nobodyStranded,
  oneSurvivor,
  survivorsOf,
} from './invariants.ts';
import { ourClient, ourDetached } from './our-client.ts';
import { ourHost } from './our-host.ts';
import type { OurOptions } from './our-options.ts';
import { COLD_STARTS, CONFIG, DIRECTORY, METADATA, MS, STARTS } from './setup.ts';

/** So that a signal is likely to come while the metadata are on their way. */
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

/** Whom clients find by the newest claim, and whom people find in the metadata. */
const reachable: Invariant = eventually('who survives is reachable', (world) => {
  const [survivor] = survivorsOf(world);
  const endpoint = headOf(CLAIMS, world)?.endpoint;
  if (survivor === undefined || endpoint?.kind !== 'unix') return 'there is none';
  const bound = world.machine.fs.lookupSocket(survivor, endpoint.path);
  if (![...survivor.fds.values()].some((description) => description === bound))
    return `${survivor.name} survives, and nobody reaches it at ${endpoint.path}`;
  const metadata = parseStatus(world.files()[METADATA] ?? '');
  return metadata?.pid === survivor.pid ? null : `the metadata name PID ${metadata?.pid ?? 'none'}`;
});

const TAKEOVER = sometimes('a takeover happened', 'takeover');
const SERVED = sometimes('a client is served', 'served');
const LEFT = sometimes('a start leaves', 'leave');

interface OurScenario extends Partial<ScenarioOptions> {
  id: string;
  about: string;
  start: ScenarioOptions['start'];
  configured?: boolean;
  closeMs?: number;
}

function hasQuit({ name, exitCode }: World['processes'][number]): boolean {
  return name.startsWith('host#') && exitCode === EXIT.done;
}

/** Somebody who comes by later, when the faults are over. */
const LATER = [
  { program: 'host', phase: 'settle', atMs: 500 },
  { program: 'client', phase: 'settle', atMs: 1_000 },
] as const;

function ours({ configured = true, closeMs = 0, start, ...options }: OurScenario): Scenario {
  const all = { ...OPTIONS, closeMs };
  return scenario({
    programs: {
      host: ourHost(all),
      client: ourClient(all),
      detached: ourDetached(all),
      terminal,
      editor,
      upgrader,
      cleaner,
    },
    faultsForMs: 1_000,
    settleMs: 3_000,
    ...options,
    machine: { busyMs: 200, files: { [DIRECTORY]: null, ...(configured && { [CONFIG]: '{}' }) } },
    start: [...start, ...LATER],
    invariants: [
      ...SAFETY,
      healthyOwnerStays(TIMING),
      oneSurvivor,
      reachable,
      nobodyStranded,
      currentConfigurationBy('changes'),
      oneOwnerServes(CLAIMS, null),
      noStaleState(CLAIMS),
      SERVED,
      ...(options.invariants ?? []),
    ],
  });
}

/** The same system on the protocol: with the faults of the findings, and more. */
export const OUR_SCENARIOS: readonly Scenario[] = [
  ours({
    id: 'mcporter/ours/foreground-x5',
    about: 'five foreground starts at once, two killed at any moment',
    start: [{ program: 'host', count: STARTS }],
    faults: { kill: 2 },
    invariants: [LEFT, TAKEOVER, nobodyStale],
  }),
  ours({
    id: 'mcporter/ours/detached-x5',
    about: 'five detached starts at once, one process killed at any moment',
    start: [{ program: 'detached', count: STARTS }],
    faults: { kill: 1 },
    invariants: [LEFT, nobodyStale],
  }),
  ours({
    id: 'mcporter/ours/cold-start-x10',
    about: 'ten clients at once, no daemon yet',
    start: [{ program: 'client', count: COLD_STARTS }],
    faultsForMs: 500,
    settleMs: 2_000,
    invariants: [nobodyStale],
  }),
  ours({
    id: 'mcporter/ours/stopped-daemon',
    about: 'hosts stopped for a moment, past their lease, for good; one killed',
    start: [{ program: 'host' }, { program: 'host', atMs: 1_000 }, { program: 'client', atMs: 1_000 }],
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    faultsForMs: 1_500,
    settleMs: 8_000,
    invariants: [TAKEOVER],
  }),
  ours({
    id: 'mcporter/ours/pid-reuse',
    about: 'hosts killed or stopped, strangers born with their PIDs',
    start: [
      { program: 'host', count: 2 },
      { program: 'host', atMs: 1_000 },
    ],
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER],
  }),
  ours({
    id: 'mcporter/ours/lost-metadata',
    about: 'claims and metadata vanish, are torn, hold garbage',
    start: [{ program: 'host' }, { program: 'host', atMs: 1_000 }],
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 1, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      kill: 1,
    },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER, sometimes('metadata are mended', 'reconciled')],
  }),
  ours({
    id: 'mcporter/ours/stale-config',
    about:
      'an edit that keeps the time between two starts, a daemon that takes longer to close than anybody waits, one process killed',
    start: [{ program: 'host' }, { program: 'upgrader', argv: [KEEPS_TIME], atMs: 500 }],
    closeMs: MS.stop + 1_000,
    faults: { kill: 1 },
    faultsForMs: 1_500,
    settleMs: 7_000,
    invariants: [sometimes('a stale daemon is stopped', 'stop-stale'), TAKEOVER],
  }),
  ours({
    id: 'mcporter/ours/no-config-file',
    about: 'no configuration file, three clients in turn: one daemon serves them all',
    start: [0, 1, 2].map((number) => ({ program: 'client', atMs: number * 500 })),
    configured: false,
    invariants: [nobodyStale],
  }),
  ours({
    id: 'mcporter/ours/terminal',
    about: 'Ctrl-Z, another start, fg, Ctrl-C',
    start: [
      { program: 'terminal', argv: ['300:SIGSTOP', '2500:SIGCONT', '4500:SIGINT'] },
      { program: 'host', atMs: 500 },
    ],
    faultsForMs: 5_000,
    settleMs: 3_000,
  }),
  ours({
    id: 'mcporter/ours/bad-weather',
    about: 'late and lost answers, a clock set right, a suspend, one process killed',
    start: [{ program: 'host' }, { program: 'host', atMs: 1_000 }, { program: 'client', atMs: 1_000 }],
    faults: { 'slow-probe': 2, 'lost-probe': 2, 'clock-jump': 1, suspend: 1, kill: 1 },
    faultsForMs: 1_500,
    settleMs: 6_000,
    invariants: [TAKEOVER],
  }),
  scenario({
    id: 'mcporter/ours/clean-stop',
    about: 'a daemon is asked to stop at any moment, its metadata maybe on their way: nothing is left',
    programs: { host: onSlowDisk(ourHost(OPTIONS), RENAMES_LATE_MS, 'rename'), user: quits },
    start: [
      { program: 'host' },
      // It owns, and is about to write them.
      { program: 'user', argv: [`${FIRST_PID}`, '0', 'never'], foreign: true, atMs: 2.5 },
      { program: 'user', argv: [`${FIRST_PID}`, '0', '500'], foreign: true, atMs: 2.6 },
    ],
    machine: { busyMs: 200, files: { [DIRECTORY]: null, [CONFIG]: '{}' } },
    faultsForMs: 1_000,
    settleMs: 1_000,
    invariants: [
      ...SAFETY,
      always(
        'a daemon that has quit leaves nothing',
        (world) => {
          if (!world.processes.some(hasQuit)) return null;
          const left = Object.keys(world.files()).find((path) => path === METADATA || path.includes('/tmp-'));
          return left === undefined ? null : `the daemon has quit, and ${left} is left`;
        },
        { when: 'change' },
      ),
      sometimes('a daemon has quit', ({ processes }) => processes.some(hasQuit)),
      sometimes('its metadata had been written', 'reconciled'),
    ],
  }),
];
