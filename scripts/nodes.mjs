/** Replays the recorded tokens under other versions of Node: the same schedule must give the same trace everywhere. */
import { execFileSync } from 'node:child_process';
import { readCorpus } from './corpus-file.mjs';

const VERSIONS = ['20', '22', '24'];

const corpus = readCorpus();
const script = new URL('./replay-corpus.mjs', import.meta.url).pathname;

let failed = 0;
for (const version of VERSIONS) {
  const output = execFileSync('npm', ['exec', '--yes', `--package=node@${version}`, '--', 'node', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { node, hashes } = JSON.parse(output);
  const known = corpus.map((entry, i) => ({ ...entry, got: hashes[i] })).filter(({ got }) => got !== null);
  const wrong = known.filter(({ traceHash, got }) => got !== traceHash);
  console.log(`${node}: ${known.length - wrong.length} of ${known.length} tokens give their trace`);
  if (known.length < corpus.length) {
    console.log(`  ${corpus.length - known.length} more are of scenarios that are not known here`);
  }
  for (const { token, got } of wrong) console.log(`  another trace: ${token}: ${got}`);
  if (!node.startsWith(`v${version}.`)) throw new Error(`asked for Node ${version}, got ${node}`);
  failed += wrong.length;
}
process.exitCode = failed === 0 ? 0 : 1;
