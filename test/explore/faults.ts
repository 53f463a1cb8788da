// Every fault that explore offers is compared with plain enumeration, in generated models that are made for it.

import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/index.ts';
import { isSystemError, type Ports, type Program } from '../../src/ports/index.ts';
import type { Run } from '../../src/run/index.ts';
import { eventually, type Scenario, scenario } from '../../src/scenario/index.ts';
import type { FaultName, FaultPlan } from '../../src/sim/index.ts';
import fc from '../fc.ts';

export interface FaultOptions {
  /** How many models are compared with each fault. */
  readonly models: number;
  /** Of plain enumeration; larger models are left out. */
  readonly mostExecutions: number;
}

const TCP = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 } as const;

const DEEDS = {
  create: (ports: Ports, path: string) => ports.fs.writeFile(path, 'xx', { flag: 'wx' }),
  overwrite: (ports: Ports, path: string) => ports.fs.writeFile(path, 'yyyy'),
  read: (ports: Ports, path: string) => ports.fs.readFile(path),
  list: (ports: Ports) => ports.fs.readdir('/d'),
  look: async (ports: Ports, path: string) => {
    const { size, mtimeMs } = await ports.fs.stat(path);
    return [size, mtimeMs];
  },
  remove: (ports: Ports, path: string) => ports.fs.unlink(path),
  link: (ports: Ports, path: string) => ports.fs.link(path, '/d/b'),
  wall: (ports: Ports) => ports.clock.wallMs(),
  monotonic: (ports: Ports) => ports.clock.monotonicMs(),
  pause: (ports: Ports) => ports.clock.sleep(11),
  self: async (ports: Ports) => {
    const { hostname, bootId, startTicks } = await ports.process.self();
    return [hostname, bootId, startTicks];
  },
  count: async (ports: Ports) => (await ports.process.list()).length,
  spawn: async (ports: Ports) => (await ports.process.spawn(['child'])).pid,
  own: async (ports: Ports) => ports.mark('own'),
  serve: async (ports: Ports) => {
    const fd = await ports.net.listen(TCP);
    const late = ports.clock.sleep(3).then(() => ports.net.close(fd));
    const { request } = await ports.net.accept(fd);
    await ports.net.answer(request, { status: 200, body: '' });
    await late;
  },
  ask: async (ports: Ports) => (await ports.probe.request(TCP, { path: '/', body: '' }, 5)).status,
} as const;

type Deed = readonly [name: keyof typeof DEEDS, path: string];

const OF_FILES = ['create', 'overwrite', 'read', 'list', 'look', 'remove', 'link', 'pause'] as const;
const OF_MACHINES = ['wall', 'monotonic', 'self', 'look', 'create', 'list', 'pause', 'count', 'own'] as const;
const OF_NETWORKS = ['serve', 'serve', 'ask', 'pause', 'create'] as const;

const OF_SPAWNS = ['spawn', 'spawn', 'count', 'pause', 'create'] as const;

/** Which deeds may notice a fault. */
const CASES: readonly (readonly [FaultName, FaultPlan, readonly (keyof typeof DEEDS)[]])[] = [
  ['kill', { kill: 1 }, OF_MACHINES],
  ['stop', { stop: { max: 1, forMs: [3, Number.POSITIVE_INFINITY] } }, OF_MACHINES],
  ['pid-reuse', { 'pid-reuse': 1 }, OF_MACHINES],
  ['lose-state', { 'lose-state': { max: 1, under: '/d' } }, OF_FILES],
  ['tear-state', { 'tear-state': { max: 1, under: '/d' } }, OF_FILES],
  ['corrupt-state', { 'corrupt-state': { max: 1, under: '/d' } }, OF_FILES],
  ['roll-back-state', { 'roll-back-state': { max: 2, under: '/d' } }, OF_FILES],
  ['suspend', { suspend: { max: 1, forMs: [1_000] } }, OF_MACHINES],
  ['clock-jump', { 'clock-jump': { max: 1, forMs: [500, -500] } }, OF_MACHINES],
  ['reboot', { reboot: 1 }, OF_MACHINES],
  ['eio', { eio: { max: 1, forMs: [0, 1] } }, OF_FILES],
  ['enospc', { enospc: { max: 1, forMs: [0, 1] } }, OF_FILES],
  ['emfile', { emfile: { max: 1, forMs: [0, 1] } }, OF_FILES],
  ['eacces', { eacces: { max: 1, forMs: [0, 1] } }, OF_FILES],
  ['slow-probe', { 'slow-probe': { max: 1, forMs: [2, 9] } }, OF_NETWORKS],
  ['lost-probe', { 'lost-probe': 1 }, OF_NETWORKS],
  ['port-grab', { 'port-grab': { max: 1, tcpPort: TCP.tcpPort } }, OF_NETWORKS],
  ['host-name', { 'host-name': 1 }, OF_MACHINES],
  ['short-write', { 'short-write': 1 }, OF_FILES],
  ['spawn-fails', { 'spawn-fails': { max: 1, forMs: [0, 1] } }, OF_SPAWNS],
];

/** What two processes do, one deed after the other, whatever comes of it; the exit code tells what has come of it. */
function modelOf(faults: FaultPlan, lists: readonly (readonly Deed[])[], watched: boolean): Scenario {
  const programs = Object.fromEntries(lists.map((list, i) => [`p${i}`, doing(list)]));
  return scenario({
    id: 'tiny/model/faults',
    programs: { ...programs, child },
    start: lists.map((_, i) => ({ program: `p${i}`, atBoot: true })),
    machine: {
      files: { '/d/a': 'a text' },
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY },
    },
    faults,
    faultsForMs: 30,
    settleMs: 20,
    crashes: 'allowed',
    invariants: watched ? [eventually('files are looked at', (world) => (world.files() ? null : 'no'))] : [],
  });
}

/** What `spawn` starts: it is noticed by its PID and its end. */
const child: Program = async () => 0;

function doing(list: readonly Deed[]): Program {
  return async (ports) => {
    let told = 0;
    for (const [name, path] of list) {
      const deed = DEEDS[name] as (ports: Ports, path: string) => Promise<unknown>;
      const came: unknown = await deed(ports, path).catch((error: unknown) => {
        if (isSystemError(error)) return error.code;
        throw error;
      });
      for (const character of JSON.stringify(came ?? null))
        told = (told * 31 + character.charCodeAt(0)) % 251;
    }
    return told;
  };
}

function outcomeOf({ scenario: { invariants }, machine, world }: Run): string {
  return JSON.stringify([
    invariants.length === 0 ? null : Object.entries(machine.fs.toJSON()).sort(),
    world.processes.map(({ name, state, exitCode, exitSignal }) => [name, state, exitCode, exitSignal]),
    world.currentClaims.map(({ process }) => process.name),
  ]);
}

async function outcomes(model: Scenario, options: ExploreOptions) {
  const found = new Set<string>();
  const report = await explore(model, {
    isolation: false,
    ...options,
    onEnd: (run) => found.add(outcomeOf(run)),
  });
  return { report, found: [...found].sort() };
}

export function testFaults({ models, mostExecutions }: FaultOptions): void {
  describe('explore reaches in generated models exactly the outcomes that plain enumeration reaches', () => {
    it.each(CASES)('with %s', async (name, faults, names) => {
      const deed: fc.Arbitrary<Deed> = fc.tuple(
        fc.constantFrom(...names),
        fc.constantFrom('/d/a', '/d/a', '/d/b', '/d/c'),
      );
      const list = fc.array(deed, { minLength: 1, maxLength: 2 });
      let struck = 0;
      let reduced = 0;
      let plain = 0;
      const property = fc.asyncProperty(fc.tuple(list, list), fc.boolean(), async (lists, watched) => {
        const model = modelOf(faults, lists, watched);
        const all = await outcomes(model, { reduce: false, maxExecutions: mostExecutions });
        fc.pre(all.report.complete);
        const some = await outcomes(model, {});
        expect(some.report.complete).toBe(true);
        expect(some.found).toEqual(all.found);
        struck += some.report.struck[name] ?? 0;
        reduced += some.report.executions;
        plain += all.report.executions;
      });
      await fc.assert(property, { numRuns: models, seed: 12, endOnFailure: false });
      // It would prove nothing if nothing struck, or nothing were left out.
      expect(struck).toBeGreaterThan(0);
      expect(reduced).toBeLessThan(plain);
    });
  });
}
