/**
 * Faults on our own owner as real processes: `npm run soak -- [--minutes N] [--seed S]`. See src/real/soak.ts.
 * Exit code 1 if an invariant is violated. Interrupted, it ends its processes and removes its directory.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { soak } from '../build/real/soak.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) fail(`--minutes: got ${values.minutes}: expected a number above 0`);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
if (!Number.isInteger(seed) || seed < 0) fail(`--seed: got ${values.seed}: expected an integer from 0`);

const daemon = fileURLToPath(new URL('../dist/cli/daemon-process.js', import.meta.url));
const timing = JSON.stringify({
  ...{ probeEveryMs: 200, bootGraceMs: 6_000, leaseMs: 1_500, hangMs: 10_000, challengeMs: 2_500 },
  ...{ selfCheckMs: 400, tidyEveryMs: 1_500 },
});
console.log(`soak for ${minutes} min, seed ${seed}`);
const done = await soak({
  command: (directory, tcpPort) => [
    ...[process.execPath, daemon, '--directory', directory, '--tcp-port', String(tcpPort)],
    ...['--timing', timing, '--helper', '--leash'],
  ],
  forMs: minutes * 60_000,
  seed,
  // Less than `patienceMs`: starts that wait for their patience to end do not recover.
  recoverWithinMs: 55_000,
  progress: ({ rounds, episodes, violations }) =>
    console.log(`${episodes} episodes, ${rounds} rounds, ${violations.length} violations`),
});

const table = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`)
    .join('\n');
console.log(`faults\n${table(done.faults)}\nends of starts, by exit code or signal\n${table(done.ends)}`);
console.log(
  done.contained === null
    ? 'no starts in containers: this system does not permit PID namespaces (unshare)'
    : `${done.contained} starts in a PID namespace of their own`,
);
console.log(
  `slowest: one owner served again ${Math.round(done.slowest.ms)} ms after "${done.slowest.after}"`,
);
for (const why of done.blocked) console.log(`- ${why}`);
for (const violation of done.violations) console.log(`✗ ${violation}`);
console.log(`${done.episodes} episodes, ${done.rounds} rounds, ${done.violations.length} violations`);
process.exitCode = done.violations.length === 0 ? 0 : 1;

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}
