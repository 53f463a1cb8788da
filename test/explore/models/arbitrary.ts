// Generates models: small ones, whose processes mostly use the same few files, PIDs and addresses.

import type { FaultName, FaultSettings, MachineOptions, TwoPhaseOperation } from '../../../src/sim/index.ts';
import fc from '../../fc.ts';
import type { Judge, Model, ProcessOfModel, Way } from './model.ts';
import { FAMILIES, type FamilyName, type Step, type StepName } from './steps.ts';

/**
 * All kinds of fault that `explore` compares states under: settings that fit into a model's few milliseconds, and the family of steps
 * that notices the fault.
 */
export const FAULTS: Readonly<Partial<Record<FaultName, readonly [FamilyName, Partial<FaultSettings>]>>> = {
  kill: ['processes', {}],
  stop: ['processes', { forMs: [2, Number.POSITIVE_INFINITY] }],
  'pid-reuse': ['processes', {}],
  'lose-state': ['files', { under: '/d' }],
  'tear-state': ['files', { under: '/d' }],
  'corrupt-state': ['files', { under: '/d' }],
  'roll-back-state': ['files', { under: '/d', max: 2 }],
  'parent-death': ['processes', {}],
  suspend: ['time', { forMs: [1_000] }],
  'clock-jump': ['time', { forMs: [500, -500] }],
  reboot: ['processes', {}],
  eio: ['files', { forMs: [0, 1] }],
  enospc: ['files', { forMs: [0, 1] }],
  emfile: ['files', { forMs: [0, 1] }],
  eacces: ['files', { forMs: [0, 1] }],
  'slow-probe': ['sockets', { forMs: [1, 4] }],
  'lost-probe': ['sockets', {}],
  'port-grab': ['sockets', { tcpPort: 50_000 }],
  'host-name': ['processes', {}],
  'short-write': ['files', {}],
  'spawn-fails': ['processes', { forMs: [0, 1] }],
};

/** The paths of a model: few, so that its processes meet. */
const paths: fc.Arbitrary<readonly string[]> = fc.constantFrom(
  ['/d/a'],
  ['/d/a', '/d/b'],
  ['/d/a', '/d/b'],
  ['/d/b', '/d'],
  ['/d/sub', '/d/sub/x'],
  ['/d/sub', '/d/a'],
  ['/d/s', '/d'],
  ['/d/b', '/d/sub', '/d/sub/x', '/d/a'],
);

/** Steps that others notice, and steps that notice much: these come more often. */
const OFTEN: ReadonlySet<StepName> = new Set<StepName>([
  ...(['create', 'overwrite', 'write', 'unlink', 'rename', 'mkdir', 'rmdir', 'link', 'chmod'] as const),
  ...(['stat', 'fstat', 'read', 'readFile', 'list', 'kindOf', 'readEntries'] as const),
  ...(['spawn', 'spawnAndWait', 'kill', 'killGroup', 'onSignal', 'info', 'countProcesses', 'exit'] as const),
  ...(['listen', 'listenUnix', 'connect', 'request', 'requestUnix', 'acceptAndAnswer', 'holders'] as const),
  ...(['own', 'sleep'] as const),
]);

function namesOf(family: FamilyName): StepName[] {
  const names = Object.keys(FAMILIES[family]) as StepName[];
  return names.flatMap((name) => (OFTEN.has(name) ? [name, name, name] : [name]));
}

/** Each model is mainly about one or two families. */
function focusOf(judge: Judge, fault: FaultName | null): fc.Arbitrary<readonly StepName[]> {
  const family = fault !== null && FAULTS[fault]?.[0];
  const first = fc.constantFrom<FamilyName>('files', 'files', 'processes', 'sockets');
  const second = fc.constantFrom<FamilyName>('files', 'processes', 'pipes', 'time', 'marks', 'sockets');
  return fc
    .tuple(
      family ? fc.constant(family) : first,
      // A PID is free a tick after its process began.
      fault === 'pid-reuse'
        ? fc.constant<FamilyName>('time')
        : judge === 'claims' || judge === 'notes'
          ? fc.constant<FamilyName>('marks')
          : second,
    )
    .map(([one, other]) => [...namesOf(one), ...namesOf(one), ...namesOf(other)]);
}

const judge = fc.constantFrom<Judge>(
  'nothing',
  'nothing',
  'nothing',
  'files',
  'files',
  'notes',
  'claims',
  'processes',
);

function stepsOf(
  names: readonly StepName[],
  known: readonly string[],
  maxLength: number,
): fc.Arbitrary<readonly Step[]> {
  const path = fc.constantFrom(...known);
  const step = fc.record({ does: fc.constantFrom(...names), path, to: path, n: fc.nat({ max: 5 }) });
  return fc.array(step, { minLength: 1, maxLength, size: 'max' });
}

/** Mostly an ordinary process. */
const start: fc.Arbitrary<ProcessOfModel['start']> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { uid: 0 },
      { uid: 1_001 },
      { atMs: 1 },
      { wallOffsetMs: 700 },
      { foreign: true },
      { subreaper: true },
      { pidNamespace: 'box' },
      { pidNamespace: 'box', network: 'host' },
      { hostname: 'elsewhere' },
      { network: 'other' },
      { atBoot: true },
      { optional: true },
    ),
  },
);

const TWO_PHASE: readonly TwoPhaseOperation[] = [
  'stat',
  'open',
  'unlink',
  'rename',
  'kill',
  'request',
  'readdir',
];

/** Mostly the machine that `bounded` makes. */
const machine: fc.Arbitrary<MachineOptions> = fc
  .tuple(
    fc.constantFrom<MachineOptions>(
      { inodes: 'by-creator' },
      { inodes: 'by-creator' },
      {},
      { inodes: 'unique' },
    ),
    fc.constantFrom<MachineOptions>({ readdirBatch: Number.POSITIVE_INFINITY }, {}),
    fc.oneof(
      { weight: 8, arbitrary: fc.constant<MachineOptions>({}) },
      {
        weight: 4,
        arbitrary: fc.constantFrom<MachineOptions>(
          { capacityBytes: 5 },
          { timeGranularityMs: 2 },
          { lingerMs: 1 },
          { busyMs: 1 },
          { operationUs: 20 },
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(...TWO_PHASE).map((name): MachineOptions => ({ twoPhase: [name] })),
      },
    ),
  )
  .map(([inodes, batch, other]) => ({ ...inodes, ...batch, ...other }));

/** In nearly half of the models. */
const fault: fc.Arbitrary<FaultName | null> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(FAULTS) as FaultName[])) },
);

/** How many operations a step takes, if it is not one. */
const OPERATIONS: Readonly<Partial<Record<StepName, number>>> = {
  ...{ list: 4, listSome: 4, create: 3, overwrite: 3, readFile: 4 },
  ...{ spawn: 3, spawnAndWait: 3, killExactly: 2 },
  ...{
    acceptAndAnswer: 3,
    acceptOnly: 2,
    addressOf: 1.5,
    serveForAWhile: 5,
    talkToOneself: 5,
    sleepOrGiveUp: 2,
  },
  ...{ close: 1.5, read: 1.5, write: 1.5, ftruncate: 1.5, fsync: 1.5, fstat: 1.5, fchmod: 1.5, futimes: 1.5 },
};
/** Fewer leave nothing out; a fault may already strike one process alone. */
const FEWEST_SCHEDULES = 8;
const FEWEST_WITH_FAULT = 3;
/** How many moments and ways there are for a fault, for each operation. */
const FAULT_CHOICES = 0.6;

/** Roughly how many schedules a model has: what plain enumeration will execute. Each process also starts and ends. */
function schedulesOf({ processes, machine: { busyMs, twoPhase }, fault: strikes }: Model): number {
  const counts = processes.map(({ steps }) =>
    steps.reduce((sum, { does }) => sum + (OPERATIONS[does] ?? 1) * (twoPhase === undefined ? 1 : 1.5), 2),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const interleavings = factorial(total) / counts.reduce((product, count) => product * factorial(count), 1);
  const faults = strikes === null ? 1 : 1 + FAULT_CHOICES * total;
  return interleavings * faults * (busyMs === undefined ? 1 : 2 * total);
}

function factorial(n: number): number {
  return n <= 2 ? Math.max(1, n) : n * factorial(n - 1);
}

/** A PID is reused a tick after its process has ended: so the child of a process that is alone ends, and it does something a tick later. */
function afterAChild([first]: readonly ProcessOfModel[]): readonly ProcessOfModel[] {
  const child: Step = { does: 'spawnAndWait', path: '/d/a', to: '/d/a', n: 0 };
  const tick: Step = { does: 'sleep', path: '/d/a', to: '/d/a', n: 5 };
  return [{ ...first!, steps: [child, tick, ...first!.steps.slice(0, 1)] }];
}

/** Two or three processes with a few steps each, as long as they have few schedules. */
export function modelsOf(maxSchedules: number): fc.Arbitrary<Model> {
  return fc.tuple(judge, fault, paths).chain(([judging, name, known]) => {
    const settings = (name !== null && FAULTS[name]?.[1]) || {};
    return focusOf(judging, name).chain((names) => {
      const process = fc.record({ steps: stepsOf(names, known, name === null ? 3 : 2), start });
      const [minLength, maxLength] = name === null ? [2, 3] : [1, 2];
      const different = fc.array(process, { minLength, maxLength, size: 'max' });
      const equal = fc
        .tuple(process, fc.constantFrom(2, maxLength))
        .map(([one, count]) => Array.from({ length: count }, () => one));
      return fc
        .record<Model>({
          processes: fc
            .oneof({ weight: 4, arbitrary: different }, { weight: 1, arbitrary: equal })
            .map((some) => (name === 'pid-reuse' && some.length === 1 ? afterAChild(some) : some)),
          // Its children would have children.
          child: stepsOf(
            names.filter((step) => !step.startsWith('spawn')),
            known,
            1,
          ),
          way: fc.constantFrom<Way>('plain', 'plain', 'plain', 'summaries', 'loop', 'at once'),
          machine,
          fault: fc.constant(name && { name, settings }),
          judge: fc.constant(judging),
        })
        .filter((model) => {
          const schedules = schedulesOf(model);
          const fewest = name === null ? FEWEST_SCHEDULES : FEWEST_WITH_FAULT;
          return schedules >= fewest && schedules <= maxSchedules;
        });
    });
  });
}
