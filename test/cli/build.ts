import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { execa } from 'execa';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/one-survivor');
const OLD_MS = 3_600_000;
/** What comes with dist/. */
const WITH_IT = ['package.json', 'fixtures/tokens.json', ...filesIn('examples')];

/**
 * The package as it is now, built by the same tsc as `npm run build`, in a folder of its own that nobody changes: so a
 * build of dist/ next to the tests does them no harm, and two test files may ask at once.
 *
 * @returns the folder of the package
 */
export async function builtPackage(): Promise<string> {
  const folder = join(CACHE, digestOf([...WITH_IT, 'tsconfig.json', 'tsconfig.build.json', ...sources()]));
  if (existsSync(folder)) return inUse(folder);
  mkdirSync(CACHE, { recursive: true });
  forgetOld();
  const building = mkdtempSync(join(CACHE, 'building-'));
  // What tsc says about types is for `npm run build`; here its output only has to run.
  const built = await execa('tsc', ['-p', 'tsconfig.build.json', '--outDir', join(building, 'dist')], {
    cwd: ROOT,
    preferLocal: true,
    reject: false,
  });
  if (!existsSync(join(building, 'dist/cli/main.js')))
    throw new Error(`tsc made nothing: ${built.stdout}${built.stderr}`);
  await execa(process.execPath, ['scripts/viewer.mjs', join(building, 'dist/viewer')], { cwd: ROOT });
  for (const file of WITH_IT) cpSync(join(ROOT, file), join(building, file));
  try {
    renameSync(building, folder);
  } catch (error) {
    // Another test file was first.
    if (!existsSync(folder)) throw error;
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}

/** Another test file, of other sources, must not take it for an old one. */
function inUse(folder: string): string {
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
}

function sources(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') || name.endsWith('.css'))
      .map((name) => join(folder, name));
  return [...inFolder('src'), ...inFolder('viewer'), 'scripts/viewer.mjs'].sort();
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, 16);
}

function forgetOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const { mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}
