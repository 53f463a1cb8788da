/** Other versions of Node must give the same: the trace of every recorded token, and what kills some mutants. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readCorpus } from './corpus-file.mjs';

const VERSIONS = ['20', '22', '24', '26'];
/** In two threads, and with an error whose place is in the source. */
const MUTANTS = ['mutants', 'json/*', 'eviction/*', '--seed', '1', '--workers', '2', '--json'];

const corpus = readCorpus();
const replay = fileURLToPath(new URL('./replay-corpus.mjs', import.meta.url));
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

let failed = 0;
let firstMutants;
for (const version of VERSIONS) {
  const run = (...args) =>
    execFileSync('npm', ['exec', '--yes', `--package=node@${version}`, '--', 'node', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const { node, hashes } = JSON.parse(run(replay));
  const known = corpus.map((entry, i) => ({ ...entry, got: hashes[i] })).filter(({ got }) => got !== null);
  const wrong = known.filter(({ traceHash, got }) => got !== traceHash);
  console.log(`${node}: ${known.length - wrong.length} of ${known.length} tokens give their trace`);
  if (known.length < corpus.length) {
    console.log(`  ${corpus.length - known.length} more belong to scenarios that are not available here`);
  }
  for (const { token, got } of wrong) console.log(`  another trace: ${token}: ${got}`);
  if (!node.startsWith(`v${version}.`)) throw new Error(`asked for Node ${version}, got ${node}`);
  failed += wrong.length;
  const mutants = run(main, ...MUTANTS);
  firstMutants ??= mutants;
  if (mutants !== firstMutants) {
    console.log(`  other results of mutants than with Node ${VERSIONS[0]}:\n${mutants}`);
    failed++;
  }
}
process.exitCode = failed === 0 ? 0 : 1;
