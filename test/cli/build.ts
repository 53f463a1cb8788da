import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const SOURCE = 'src';
const BUILT = join('dist', 'cli', 'main.js');

/** Builds dist/ when a source is newer. What tsc says about types is for `npm run build`; here it only has to run. */
export default async function build(): Promise<void> {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (newestIn(SOURCE) < built) return;
  const { exitCode, all } = await execa('npx', ['tsc', '-p', 'tsconfig.build.json'], {
    reject: false,
    all: true,
    preferLocal: true,
  });
  if (exitCode !== 0) process.stderr.write(`dist/ is built, but: ${all}\n`);
}

function newestIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(...names.map((name) => statSync(join(folder, name)).mtimeMs));
}
