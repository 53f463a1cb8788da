import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { execa } from 'execa';
import { builtPackage } from './build.ts';
import { ENVIRONMENT } from './run.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What `npm pack --json` says. */
interface Contents {
  /** In bytes, as the unpacked size. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** The tarball that would be published, of the package as it is now. */
export class Tarball {
  /** Its path. */
  readonly file: string;
  readonly contents: Contents;
  readonly #folder: string;

  private constructor(folder: string, file: string, contents: Contents) {
    this.file = file;
    this.contents = contents;
    this.#folder = folder;
  }

  static async pack(): Promise<Tarball> {
    const folder = mkdtempSync(join(tmpdir(), 'one-survivor-pack-'));
    const source = join(folder, 'source');
    cpSync(await builtPackage(), source, { recursive: true });
    // They are not part of what is built, so that a change of the documentation needs no build.
    const pages = readdirSync(ROOT).filter((name) => /^(?:docs|LICENSE|action\.yml|.*\.md)$/.test(name));
    for (const name of pages) cpSync(join(ROOT, name), join(source, name), { recursive: true });
    const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await execa('npm', ['pack', ...options], { cwd: source });
    const [contents] = JSON.parse(stdout) as [Contents & { readonly filename: string }];
    rmSync(source, { recursive: true });
    return new Tarball(folder, join(folder, contents.filename), contents);
  }

  /** Extracts it. @param target an existing folder */
  async extract(target: string): Promise<void> {
    await execa('tar', ['-xzf', this.file, '-C', target, '--strip-components=1']);
  }

  /** As `npm install` of it and of vitest would, but without a network: what it depends on is linked to ours. */
  async install(project: string): Promise<void> {
    const modules = join(project, 'node_modules');
    const target = join(modules, 'one-survivor');
    mkdirSync(target, { recursive: true });
    await this.extract(target);
    const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
    for (const name of [...Object.keys(dependencies), 'vitest'])
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
    mkdirSync(join(modules, '.bin'));
    const bins = { 'one-survivor': 'one-survivor/dist/cli/main.js', vitest: 'vitest/vitest.mjs' };
    for (const [name, path] of Object.entries(bins)) {
      const link = join(modules, '.bin', name);
      symlinkSync(relative(dirname(link), join(modules, path)), link);
    }
    chmodSync(join(modules, bins['one-survivor']), 0o755);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a line of a shell, as people and CI do, without a network. */
export async function shell(
  cwd: string,
  line: string,
  env: Record<string, string> = {},
): Promise<{ code: number | undefined; out: string; text: string }> {
  const { exitCode, stdout, all } = await execa('sh', ['-c', line], {
    cwd,
    env: {
      ...ENVIRONMENT,
      HOME: join(cwd, 'node_modules'),
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
      ...env,
    },
    extendEnv: false,
    reject: false,
    all: true,
  });
  return { code: exitCode, out: stdout, text: all };
}
