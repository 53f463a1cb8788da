/** Checks all built-in scenarios with one seed, and prints a line for each system. Options are those of `one-survivor check`. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/cli/main.js');
const args = ['check', '--builtin', '--seed', '1', '--runs', '100', '--json', ...process.argv.slice(2)];
const startedAt = performance.now();
// Its progress is on stderr.
const child = spawn(process.execPath, [main, ...args], { stdio: ['inherit', 'pipe', 'inherit'] });
let json = '';
child.stdout.setEncoding('utf8').on('data', (chunk) => {
  json += chunk;
});
const code = await new Promise((resolve) => child.once('close', resolve));
let report = null;
try {
  report = JSON.parse(json);
} catch {
  process.stdout.write(json);
}
if (report !== null) print(report);
process.exitCode = code ?? 1;

function print({ seed, node, scenarios }) {
  const systems = new Set(scenarios.map(systemOf));
  const table = new Table({
    head: ['system', 'scenarios', 'passed', 'violated, as expected', 'failed', 'runs', 'seconds'],
    colAligns: ['left', ...Array(6).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const system of systems) {
    const own = scenarios.filter((scenario) => systemOf(scenario) === system);
    table.push(rowOf(system, own));
  }
  table.push(rowOf('all', scenarios));
  console.log(table.toString());
  for (const { id, verdict, reason } of scenarios.filter(({ ok }) => !ok)) {
    console.log(`failed: ${id}: ${verdict}${reason ? `: ${reason}` : ''}`);
    console.log(`  npx one-survivor check ${id} --seed ${seed} --runs 100`);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`seed ${seed} · node ${node} · ${seconds} s`);
}

function rowOf(system, list) {
  const count = (fits) => list.filter(fits).length;
  const sum = (field) => list.reduce((total, scenario) => total + (scenario[field] ?? 0), 0);
  return [
    system,
    list.length,
    count(({ ok, verdict }) => ok && verdict === 'passed'),
    count(({ ok, verdict }) => ok && verdict === 'violated'),
    count(({ ok }) => !ok),
    sum('runs'),
    sum('seconds').toFixed(1),
  ];
}

function systemOf({ id }) {
  return id.split('/')[0];
}
