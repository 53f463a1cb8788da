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
/** What dist/ and build/ are made of and used with, in a clone. */
const WITH_IT = [
  'package.json',
  'fixtures/tokens.json',
  ...filesIn('examples'),
  ...filesIn('schemas'),
  ...filesIn('src'),
];
/** What builds it. */
const MADE_WITH = [
  ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...filesIn('viewer'),
  ...filesIn('scripts'),
];

/**
 * The package as it is now, built by the same script as `npm run build`, in a folder of its own that does not change: so a
 * build of dist/ next to the tests does them no harm, and two test files may ask at once.
 *
 * @returns the folder of the package
 */
export async function builtPackage(): Promise<string> {
  const folder = join(CACHE, digestOf([...WITH_IT, ...MADE_WITH]));
  if (existsSync(folder)) return inUse(folder);
  mkdirSync(CACHE, { recursive: true });
  forgetOld();
  const building = mkdtempSync(join(CACHE, 'building-'));
  // `npm run build` checks types.
  await execa(process.execPath, ['scripts/build.mjs', '--out', building, '--no-check'], { cwd: ROOT });
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

/** Another test file, with other sources, removes old ones. */
function inUse(folder: string): string {
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
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
