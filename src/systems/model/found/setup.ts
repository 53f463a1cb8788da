import { type Claim, childMarker } from '../../../model/index.ts';
import type { ProcessIdentity, Program } from '../../../ports/index.ts';
import { always, type Invariant, type ScenarioOptions } from '../../../scenario/index.ts';
import { daemon } from '../daemon.ts';
import { DAEMON, DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';

/** Who is named first among the starts, and when it has started, in clock ticks. */
export const FIRST_PID = 1_001;
export const FIRST_TICKS = 100_000;

/** Nobody bears it, nor has ever. */
export const NO_PID = 999;
export const NONCE = 'a1b2c3d4e5f60718';

const PID_NAMESPACE = 'pid:[1]';

/** Who is named first among the starts; and one that is gone. */
export const FIRST: ProcessIdentity = { pid: FIRST_PID, startTicks: FIRST_TICKS };
export const GONE: ProcessIdentity = { pid: NO_PID, startTicks: 5 };

/** Ahead of the clock of the simulated machine, as after it was put back. */
export const TOKEN_AHEAD = Date.UTC(2030, 0, 1);

/** A claim that the first process, `sleeper`, has made, unless said otherwise. */
export function claim(differs: Partial<Claim> = {}): string {
  const made: Claim = {
    kind: 'owner',
    token: 1,
    nonce: NONCE,
    pid: FIRST_PID,
    startTicks: FIRST_TICKS,
    bootId: '00000000-0000-4000-8000-000000000001',
    pidNamespace: PID_NAMESPACE,
    hostname: 'machine',
    uid: 0,
    command: ['sleeper'],
    endpoint: ENDPOINT,
    challenges: null,
    ...differs,
  };
  return `${JSON.stringify(made)}\n`;
}

export const DEAD = claim({ pid: NO_PID, nonce: 'dead000000000000' });

/** The word on the command line of a child of an owner on this machine, in no container. */
export function childOf(owner: ProcessIdentity, directory = DIRECTORY): string {
  return childMarker(directory, { ...owner, pidNamespace: PID_NAMESPACE });
}

/** Files of the state directory. */
export function state(files: Readonly<Record<string, string | null>>): {
  files: Record<string, string | null>;
} {
  return {
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`${DIRECTORY}/${name}`, text])),
  };
}

export const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** Ends after the faults. */
export const leaver: Program = async ({ clock }) => {
  await clock.sleep(1_000);
};

/** A daemon that looks seldom: whoever waits for twenty seconds would otherwise do nothing but look. */
export const PATIENT = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: { ...TIMING, probeEveryMs: 1_000 },
  helper: ['helper'],
});

/** The first process does what is said, all others are daemons, under one and the same command line. */
export function firstOf(first: Program, others = DAEMON): Program {
  return async (ports, argv) => {
    const { pid } = await ports.process.self();
    return pid === FIRST_PID ? first(ports, argv) : others(ports, argv);
  };
}

/** Who is there already, and a daemon that comes upon it. */
export const FIRST_AND_LATER: ScenarioOptions['start'] = [
  { program: 'daemon', foreign: true },
  { program: 'daemon', atMs: 100 },
];

export function unsaid(mark: string): Invariant {
  return always(`nobody says "${mark}"`, ({ marks }) => (marks.has(mark) ? 'somebody has' : null), {
    when: 'change',
  });
}
