/**
 * Runs per second of CPU time of unmodified Node programs, with 3 and 5 processes, with random preemptions before synchronous calls and with none. The
 * packages are those that `npm ci` installs; mcporter, if `npm run guests:install mcporter` has installed it. `npm run bench -- guests lock` measures only
 * the programs whose names contain `lock`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { guestProgram, nodeProgram } from '../build/guest/index.js';
import { executeAll, Run } from '../build/run/index.js';
import { scenario } from '../build/scenario/index.js';
import { RandomChoices } from '../build/schedule/random.js';
import { folderOf } from '../scripts/published.mjs';

/** At least so long for each number, in milliseconds of CPU time: real time depends on what else runs. */
const FOR_MS = 2_000;
/** Before that: to load, and to be compiled by V8. */
const WARM_MS = 1_500;
/** At least so many runs are measured. */
const LEAST = 3;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const PROGRAMS = {
  'a synchronous PID file, 40 lines': nodeProgram(here('./guests/pid-file.cjs')),
  'the same as an ES module': nodeProgram(here('./guests/pid-file.mjs')),
  'a daemon with http health': nodeProgram(here('./guests/http-health.mjs')),
  'proper-lockfile': locks(async (require) => {
    await require('proper-lockfile')
      .lock('/run/app')
      .catch(() => {});
  }),
  lockfile: locks(
    (require) => new Promise((resolve) => require('lockfile').lock('/run/app.lock', {}, resolve)),
  ),
};
const mcporter = fileURLToPath(new URL('node_modules/mcporter/dist/cli.js', folderOf('mcporter', '0.9.0')));
if (existsSync(mcporter))
  PROGRAMS['mcporter 0.9.0 daemon start'] = nodeProgram(mcporter, { args: ['daemon', 'start'] });

/** Takes the lock, and works for 100 ms if it has it. */
function locks(take) {
  return guestProgram({
    from: import.meta.url,
    async main(require, _ports, _argv, { setTimeout, process }) {
      await take(require);
      await new Promise((resolve) => setTimeout(resolve, 100));
      process.exit(0);
    },
  });
}

class Preempting extends RandomChoices {
  /** All processes start. */
  choose(n, concern, candidates) {
    return concern === 'absent' ? 0 : super.choose(n, concern, candidates);
  }
}

class NeverPreempting extends Preempting {
  preempt() {
    return false;
  }
}

async function measure(program, count, Choices) {
  const race = scenario({
    id: 'bench/guests/cold-start',
    programs: { program },
    start: [{ program: 'program', count }],
    machine: { files: { '/run/app': '' } },
    invariants: [],
    crashes: 'allowed',
    settleMs: 0,
  });
  let seed = 0;
  let isWarm = false;
  let runs = 0;
  let begun = process.cpuUsage();
  const spentMs = () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
  const over = () => isWarm && runs >= LEAST && spentMs() > FOR_MS;
  await executeAll(
    () => (over() ? null : new Run(race, new Choices(seed++))),
    (_, failure) => {
      if (failure !== null) throw new Error(failure.message);
      runs++;
      if (isWarm || runs < LEAST || spentMs() < WARM_MS) return;
      isWarm = true;
      runs = 0;
      begun = process.cpuUsage();
    },
  );
  return runs / (spentMs() / 1000);
}

console.log('runs per CPU second: 3 processes, the same without preemption; 5 processes, without preemption');
const [, wanted = ''] = process.argv.slice(2);
for (const [name, program] of Object.entries(PROGRAMS)) {
  if (!name.includes(wanted)) continue;
  const row = [];
  for (const count of [3, 5])
    for (const Choices of [Preempting, NeverPreempting]) {
      try {
        row.push((await measure(program, count, Choices)).toFixed(0));
      } catch (error) {
        row.push(error.message.split('; it has ')[0].slice(0, 60));
      }
    }
  console.log(`${name.padEnd(36)}${row.map((rate) => rate.padStart(8)).join('')}`);
}
