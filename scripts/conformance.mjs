/** Compares the simulated machine with this one; see test/conformance/. `node scripts/conformance.mjs --runs N --seed S` */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runCompiled, withCompiled } from './compiled.mjs';

const files = ['main', 'agent'].map((name) => `test/conformance/${name}`);
process.exitCode = await withCompiled('conformance', files, (out) => {
  // Agents run as other users too.
  execFileSync('chmod', ['-R', 'a+rX', out]);
  return runCompiled(join(out, 'test/conformance/main.js'), process.argv.slice(2));
});
