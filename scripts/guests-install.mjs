/**
 * Installs the published packages that are judged: `node scripts/guests-install.mjs [NAME…]`. Each goes into a folder of its own below
 * .one-survivor/guests, without its install scripts. What is there already stays.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folderOf, LOCKS, PROGRAMS } from './published.mjs';

const run = promisify(execFile);
const wanted = process.argv.slice(2);
const all = [...LOCKS, ...PROGRAMS];
const unknown = wanted.find((name) => !all.some(([known]) => known === name));
if (unknown !== undefined) {
  console.error(`${unknown}: expected one of ${[...new Set(all.map(([name]) => name))].join(', ')}`);
  process.exit(2);
}
let failed = 0;
for (const [name, version] of all) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = fileURLToPath(folderOf(name, version));
  if (existsSync(`${folder}node_modules/${name}/package.json`)) {
    console.log(`${name} ${version}: there already`);
    continue;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}package.json`, '{"private":true}\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  try {
    await run('npm', ['install', ...options, `${name}@${version}`], { cwd: folder });
    console.log(`${name} ${version}: installed`);
  } catch (error) {
    failed++;
    rmSync(folder, { recursive: true });
    console.error(`${name} ${version}: ${String(error.stderr || error.message).trim()}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
