import type { Claim } from '../../src/model/claim.ts';
import { childMarker, DEFAULT_TIMING, type Timing } from '../../src/model/index.ts';
import type { Address, Ports, Program, Self } from '../../src/ports/index.ts';
import type { Run } from '../../src/run/index.ts';
import type { ScenarioOptions } from '../../src/scenario/index.ts';
import type { SimMachine } from '../../src/sim/index.ts';
import { runUntraced, scenarioOf } from '../check/helpers.ts';

export const DIRECTORY = '/run/one';
export const ENDPOINT: Address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 49_152 };
/** The first process of a run, and when it starts. */
export const FIRST = { pid: 1_001, startTicks: 100_000 };
export const GONE = { pid: 999, startTicks: 5 };
/** The type of a filesystem that several machines share. */
export const NFS = 0x6969;
export const NONCE = 'a1b2c3d4e5f60718';

export const TIMING: Timing = {
  ...DEFAULT_TIMING,
  probeEveryMs: 250,
  probeTimeoutMs: 300,
  bootGraceMs: 2_500,
  leaseMs: 1_000,
  hangMs: 4_000,
  challengeMs: 1_200,
  termGraceMs: 400,
  killGraceMs: 400,
  selfCheckMs: 500,
  tidyEveryMs: 2_000,
  patienceMs: 6_000,
};

export const SELF: Self = {
  ...FIRST,
  ppid: 1,
  uid: 0,
  bootId: '00000000-0000-4000-8000-000000000001',
  pidNamespace: 'pid:[1]',
  hostname: 'machine',
};

/** The claim of the first process of a run, a sleeper, unless said otherwise. */
export function claimText(differs: Partial<Claim> = {}): string {
  const { ppid: _, ...self } = SELF;
  const claim: Claim = {
    kind: 'owner',
    token: 1,
    nonce: NONCE,
    ...self,
    command: ['sleeper'],
    endpoint: ENDPOINT,
    challenges: null,
    ...differs,
  };
  return `${JSON.stringify(claim)}\n`;
}

export const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

export const childOf = (owner: { pid: number; startTicks: number }, directory = DIRECTORY): string[] => [
  childMarker(directory, { ...owner, pidNamespace: SELF.pidNamespace }),
];

export interface Told {
  readonly lines: unknown[];
  readonly run: Run;
  readonly machine: SimMachine;
}

/**
 * A quiet run: `main` next to the other starts, first of all a sleeper, PID 1001. What it logs; what has failed is
 * thrown.
 */
export async function run(
  main: (ports: Ports, log: (line: unknown) => void) => Promise<unknown>,
  {
    programs = {},
    start = [],
    files = {},
    hangTimeoutMs,
    ...options
  }: Partial<ScenarioOptions> & Differs = {},
): Promise<Told> {
  const lines: unknown[] = [];
  const scenario = scenarioOf(
    {
      sleeper,
      main: async (ports) => {
        await main(ports, (line) => lines.push(line));
        lines.push('end');
      },
      ...programs,
    },
    {
      start: [{ program: 'sleeper' }, ...start, { program: 'main' }],
      machine: { files: inDirectory(files), busyMs: 0 },
      faultsForMs: 100,
      settleMs: 30_000,
      ...options,
    },
  );
  const ran = await runUntraced(scenario, hangTimeoutMs);
  if (ran.failure !== null) throw new Error(`${ran.failure.invariant}: ${ran.failure.message}`);
  if (lines.pop() !== 'end') throw new Error(`did not come to its end; said ${JSON.stringify(lines)}`);
  return { lines, run: ran.run, machine: ran.run.machine };
}

interface Differs {
  /** In the state directory; with a slash at the beginning, anywhere. */
  files?: Readonly<Record<string, string | null>>;
  /** Real time after which a program that does not yield is a failure. */
  hangTimeoutMs?: number;
}

function inDirectory(files: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name.startsWith('/') ? name : `${DIRECTORY}/${name}`, text]),
  );
}
