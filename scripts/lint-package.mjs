/** Checks what would be published, with publint and Are The Types Wrong. Needs a build. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const bin = (name) => join(ROOT, 'node_modules/.bin', name);

const folder = mkdtempSync(join(tmpdir(), 'one-survivor-lint-'));
try {
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', ...options], { cwd: ROOT, encoding: 'utf8' }),
  );
  const tarball = join(folder, filename);
  execFileSync(bin('publint'), ['run', tarball, '--strict'], { cwd: ROOT, stdio: 'inherit' });
  // There is no CommonJS: Node 20.19 and later can require() ES modules.
  execFileSync(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii', '--summary'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
} catch (error) {
  // Each of them has said what is wrong.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
