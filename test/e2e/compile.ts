import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tsc } from '../tsc.ts';

const PROGRAMS = [
  'src/cli/main.ts',
  'src/check/parallel/worker.ts',
  'src/cli/daemon-process.ts',
  'src/cli/trial-process.ts',
  ...readdirSync('fixtures/daemons').map((name) => `fixtures/daemons/${name}`),
];

/**
 * The programs that tests start, as JavaScript: Node 20 knows no types. In a directory of its own and not in dist, since
 * `npm run build` empties that, and somebody may be building while the tests run. It takes half a second.
 */
export class Compiled {
  readonly directory = mkdtempSync(join(tmpdir(), 'one-survivor-compiled-'));

  constructor() {
    symlinkSync(resolve('node_modules'), join(this.directory, 'node_modules'));
    copyFileSync('package.json', join(this.directory, 'package.json'));
    tsc(PROGRAMS, '.', this.directory);
  }

  /** @param source as seen from the project, such as `src/cli/main.ts` */
  path(source: string): string {
    return join(this.directory, source.replace(/\.ts$/, '.js'));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
