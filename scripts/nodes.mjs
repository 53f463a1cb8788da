/** Replays the recorded tokens under other versions of Node: the same schedule must give the same trace everywhere. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const VERSIONS = ['20', '22', '24'];

const corpus = JSON.parse(readFileSync(new URL('../fixtures/tokens.json', import.meta.url), 'utf8'));
const script = new URL('./replay-corpus.mjs', import.meta.url).pathname;

let failed = 0;
for (const version of VERSIONS) {
  const output = execFileSync('npm', ['exec', '--yes', `--package=node@${version}`, '--', 'node', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { node, hashes } = JSON.parse(output);
  const wrong = corpus.filter(({ traceHash }, i) => hashes[i] !== traceHash);
  console.log(`${node}: ${corpus.length - wrong.length} of ${corpus.length} tokens give their trace`);
  for (const { token } of wrong) console.log(`  another trace: ${token}`);
  if (!node.startsWith(`v${version}.`)) throw new Error(`asked for Node ${version}, got ${node}`);
  failed += wrong.length;
}
process.exitCode = failed === 0 ? 0 : 1;
