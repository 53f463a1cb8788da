import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inMacrotask } from '../../src/host/index.ts';
import fc from '../fc.ts';
import { AREAS, type Area } from './areas.ts';
import { EXCUSES } from './excuses.ts';
import { adaptation } from './hosts.ts';
import { compareNode, NODE_AREAS } from './node/areas.ts';
import {
  freePorts,
  type Mismatch,
  NoHelloError,
  RealSide,
  type Replayed,
  releasePorts,
} from './real-side.ts';
import type { Script } from './script.ts';
import { type Plan, plan } from './sim-side.ts';
import { WRONG, type Wrong } from './wrong.ts';

const USAGE =
  'conformance [--runs N] [--wrong all|ID] [--seed S] [--area files|processes|sockets|streams|pipes|node] [--from N] [--script JSON] [--outcomes] [--verbose]';
/** A difference is one when it comes again. */
const REPEATS = 2;
const SHRINK_TRIES = 40;
const DIRECTED = { quiet: false, ports: 2 };
/** Of a sequence for which the real machine could not start an agent. */
const ATTEMPTS = 3;
/** Most of the time a script waits for the real machine. */
const AT_ONCE = 4;
const RUNS = 100;
/** Some machines that are wrong on purpose need several hundred. */
const RUNS_TO_FIND = 1_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    area: { type: 'string', multiple: true },
    from: { type: 'string', default: '0' },
    script: { type: 'string' },
    outcomes: { type: 'boolean', default: false },
    wrong: { type: 'string', multiple: true },
    verbose: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs ?? (values.wrong === undefined ? RUNS : RUNS_TO_FIND));
const seed = Number(values.seed);
if (!Number.isSafeInteger(runs) || !Number.isSafeInteger(seed)) throw new Error(USAGE);

const sysctl = (name: string): number => Number(readFileSync(`/proc/sys/fs/${name}`, 'latin1'));
const protections = {
  hardlinks: sysctl('protected_hardlinks') > 0,
  symlinks: sysctl('protected_symlinks') > 0,
  regular: sysctl('protected_regular') as 0 | 1 | 2,
};

let stopping = false;
// What was started is ended all the same.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping = true;
  });
}

const wantsNode = values.script === undefined && values.wrong === undefined;
let unexplained = wantsNode && (values.area?.includes('node') ?? true) ? await compareDrivers() : 0;
if (values.area?.length === 1 && values.area[0] === 'node') process.exit(unexplained > 0 ? 1 : 0);

const adapt = await adaptation();
const side = new RealSide(join(import.meta.dirname, 'agent.js'));
await side.open();
try {
  if (process.getuid?.() !== 0)
    console.log('Not root: every actor has the same user; EPERM is not compared.');
  if (values.script !== undefined) unexplained += await compareScript(JSON.parse(values.script));
  else if (values.wrong !== undefined) unexplained += await missed(values.wrong);
  else unexplained += (await compareAreas()) + (await unneeded());
} finally {
  const left = await side.close();
  if (left.length > 0) console.log(`still there: ${left.join(', ')}`);
  unexplained += left.length;
}
process.exitCode = unexplained > 0 ? 1 : 0;

/** Programs of Node, here and in the simulation. */
async function compareDrivers(): Promise<number> {
  let found = 0;
  for (const area of NODE_AREAS) {
    const startedMs = performance.now();
    const { parts, differences } = await compareNode(area, { runs, seed });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(
      `node: ${area.name}: ${runs} scripts, ${parts} parts, ${differences.length} unexplained, ${seconds} s`,
    );
    for (const difference of differences) console.log(JSON.stringify(difference));
    found += differences.length;
  }
  return found;
}

async function compareAreas(): Promise<number> {
  let mismatches = 0;
  for (const area of AREAS) {
    if (values.area === undefined || values.area.includes(area.name)) mismatches += await compare(area);
  }
  return mismatches;
}

/** One sequence, as a difference is printed. */
async function compareScript(script: Script): Promise<number> {
  const { mismatch, excused } = await once(DIRECTED, adapt(forUs(script)));
  console.log(JSON.stringify({ mismatch, excused }));
  return mismatch === null ? 0 : 1;
}

async function compare(area: Area): Promise<number> {
  const startedMs = performance.now();
  const scripts = fc.sample(area.scripts, { numRuns: runs, seed }).map(forUs).map(adapt);
  const excused = new Map<string, number>();
  const kinds = new Map<string, number>();
  const outcomes = new Map<string, number>();
  let operations = 0;
  let unrepeated = 0;
  let next = Number(values.from);
  const work = async (): Promise<void> => {
    while (next < scripts.length && !stopping) {
      const at = next++;
      await compareOne(at, scripts[at]!);
    }
  };
  const compareOne = async (at: number, script: Script): Promise<void> => {
    const first = await once(area, script);
    operations += first.plan.steps.length;
    for (const outcome of outcomesOf(first.plan)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    for (const id of first.excused) excused.set(id, (excused.get(id) ?? 0) + 1);
    if (first.mismatch === null) return;
    let again: Awaited<ReturnType<typeof once>> = first;
    for (let i = 0; i < REPEATS && again.mismatch !== null; i++) again = await once(area, script);
    if (again.mismatch === null) {
      unrepeated++;
      console.log(`${area.name} ${at}: did not come again: ${JSON.stringify(first.mismatch)}`);
      return;
    }
    const kind = kindOf(again.mismatch);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (kinds.get(kind)! > 1) return;
    console.log(`${area.name} ${at}: ${kind}`);
    const least = await shrink(area, script, kind);
    console.log(`  ${JSON.stringify(least.script)}`);
    console.log(`  simulated ${JSON.stringify(least.mismatch.simulated)}`);
    console.log(`  real      ${JSON.stringify(least.mismatch.real)}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const mismatches = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const rows = [...excused].map(([id, count]) => `${id} ${count}`).join(', ');
  if (values.outcomes)
    console.log(
      [...outcomes]
        .sort()
        .map(([outcome, count]) => `  ${outcome} ${count}`)
        .join('\n'),
    );
  console.log(
    `${area.name}: ${Math.min(next, scripts.length)} sequences, ${operations} operations, ${outcomes.size} kinds of outcome, ${mismatches} mismatches unexplained, ` +
      `${unrepeated} not repeated; excused: ${rows || 'none'}; ${seconds} s`,
  );
  return mismatches;
}

/** How many of the machines that are wrong on purpose are not found within the runs. */
async function missed(ids: readonly string[]): Promise<number> {
  const asked = WRONG.filter(({ id }) => ids.includes(id) || ids.includes('all'));
  // One that does not exist is not found either.
  let count = ids.includes('all') ? 0 : ids.length - asked.length;
  for (const wrong of asked) {
    const area = AREAS.find(({ name }) => name === wrong.area)!;
    const foundAt = await firstDifference(area, wrong);
    if (foundAt === null) count++;
    console.log(
      `${wrong.id}: ${foundAt === null ? `not found in ${runs} sequences` : `found by sequence ${foundAt}`}`,
    );
  }
  return count;
}

async function firstDifference(area: Area, wrong: Wrong): Promise<number | null> {
  const scripts = fc.sample(area.scripts, { numRuns: runs, seed }).map(forUs).map(adapt);
  let next = 0;
  let found: number | null = null;
  const work = async (): Promise<void> => {
    while (next < scripts.length && found === null && !stopping) {
      const at = next++;
      let isFound = true;
      try {
        for (let i = 0; i <= REPEATS && isFound; i++)
          isFound = (await once(area, scripts[at]!, wrong)).mismatch !== null;
      } catch (error) {
        // Without its check a simulated machine may not even survive a bad argument.
        if (!(error instanceof TypeError)) throw error;
      }
      if (isFound) found = Math.min(found ?? at, at);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** How many excuses their own example does not need any more. */
async function unneeded(): Promise<number> {
  let count = 0;
  for (const { id, example } of EXCUSES) {
    if (typeof example === 'string') continue;
    let least: Replayed = { mismatch: null, excused: [] };
    const isNeeded = (): boolean => least.mismatch === null && least.excused.includes(id);
    // A busy machine may not even send what has a short deadline.
    for (let tries = 0; tries <= REPEATS && !isNeeded(); tries++)
      least = await once(DIRECTED, forUs(example));
    if (isNeeded()) continue;
    count++;
    console.log(`excuse ${id}: its example does not need it: ${JSON.stringify(least.mismatch)}`);
  }
  return count;
}

async function once(
  area: Pick<Area, 'quiet' | 'ports'>,
  script: Script,
  wrong: Wrong | null = null,
): Promise<Replayed & { readonly plan: Plan }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(area, script, wrong);
    } catch (error) {
      if (!(error instanceof NoHelloError) || attempt === ATTEMPTS) throw error;
      console.log(`${error.message}: once more`);
    }
  }
}

async function attemptOnce(
  area: Pick<Area, 'quiet' | 'ports'>,
  script: Script,
  wrong: Wrong | null,
): Promise<Replayed & { readonly plan: Plan }> {
  const base = side.newBase();
  const ports = await freePorts(area.ports);
  const planned = await inMacrotask(() => plan(script, base, ports, protections, wrong));
  const replayed = await side
    .replay(script, planned, base, ports, area.quiet, wrong)
    .finally(() => releasePorts(ports));
  if (values.verbose) console.log(JSON.stringify({ script, planned, replayed }, null, 1));
  return { ...replayed, plan: planned };
}

/** Operation and error code, or that it succeeded; or that it still waits at the end. */
function outcomesOf({ steps }: Plan): string[] {
  const ended = new Map(steps.flatMap(({ ended }) => ended));
  return steps.map(({ command: { op } }, at) => {
    const result = ended.has(at) ? ended.get(at) : 'waits';
    return typeof result === 'string' && /^(E[A-Z]+|waits)$/.test(result) ? `${op} ${result}` : `${op} ok`;
  });
}

/** Leaves out steps as long as the same difference is there. */
async function shrink(area: Area, script: Script, kind: string) {
  let least = script;
  let mismatch: Mismatch | null = null;
  let tries = 0;
  for (let size = Math.ceil(least.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = least.steps.length - size; from >= 0 && tries < SHRINK_TRIES; tries++) {
      const steps = least.steps.filter((_, at) => at < from || at >= from + size);
      const found = await once(area, { ...least, steps });
      if (found.mismatch !== null && kindOf(found.mismatch) === kind) {
        least = { ...least, steps };
        mismatch = found.mismatch;
      }
      from = Math.min(from - 1, least.steps.length - size);
    }
  }
  mismatch ??= (await once(area, least)).mismatch ?? {
    kind,
    step: 0,
    command: null,
    simulated: '?',
    real: '?',
  };
  return { script: least, mismatch };
}

function kindOf({ kind, command, simulated, real }: Mismatch): string {
  if (kind === 'tree' || kind === 'listening') return kind;
  const brief = (value: unknown): string => JSON.stringify(value).slice(0, 60).replace(/#\d+/g, '#');
  return `${kind} of ${command?.op}: simulated ${brief(simulated)}, real ${brief(real)}`;
}

/** Who is not root cannot be anybody else. */
function forUs(script: Script): Script {
  const uid = process.getuid!();
  return uid === 0 ? script : { ...script, users: script.users.map(() => uid) };
}
