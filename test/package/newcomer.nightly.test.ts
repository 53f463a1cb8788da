// The path of a newcomer, with the package as it would be published: install, init, a broken lock is found, its token replays, and two
// checks at once keep both tokens. In a project of each kind.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { shell, Tarball } from '../cli/packed.ts';

const MODULES = resolve(import.meta.dirname, '../../node_modules');

let tarball: Tarball;
beforeAll(async () => {
  tarball = await Tarball.pack();
});
afterAll(() => tarball.remove());

/** A lock that every project writes first: it is looked at, and then taken. */
const BROKEN = (types: string): string => `
async function daemon(ports${types}) {
  const taken = await ports.fs.stat('/lock').then(() => true, () => false);
  if (taken) return 0;
  await ports.fs.writeFile('/lock', 'mine');
  ports.mark('own');
  await ports.clock.sleep(100);
  return 0;
}
const options = (id${types === '' ? '' : ': string'}) => ({
  id,
  programs: { daemon },
  start: [{ program: 'daemon', count: 2 }],
  invariants: [atMostOneOwner],
});
`;
const CJS = `const { atMostOneOwner, scenario } = require('one-survivor');\n${BROKEN('')}`;
const ESM = `import { atMostOneOwner, scenario } from 'one-survivor';\n${BROKEN('')}`;
const TS = `import { atMostOneOwner, type Ports, scenario } from 'one-survivor';\n${BROKEN(': Ports')}`;

interface Kind {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** The end of the names of its files. */
  readonly end: string;
  readonly module: (id: string) => string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  CommonJS: {
    manifest: { type: 'commonjs' },
    end: 'js',
    module: (id) => `${CJS}module.exports = scenario(options('${id}'));\n`,
  },
  'ES modules': {
    manifest: { type: 'module' },
    end: 'js',
    module: (id) => `${ESM}export default scenario(options('${id}'));\n`,
  },
  TypeScript: {
    manifest: { type: 'module' },
    end: 'ts',
    module: (id) => `${TS}export default scenario(options('${id}'));\n`,
  },
};

function projectOf({ manifest }: Kind): string {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-newcomer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'newcomer', version: '1.0.0', ...manifest }),
  );
  return folder;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The text of all files in a folder. */
function textIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

it.each(Object.entries(KINDS))('%s', async (name, kind) => {
  const cwd = projectOf(kind);
  const times: string[] = [];
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const begunAt = performance.now();
    const result = await work();
    times.push(`${step} ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
    return result;
  };
  const files = [`races/broken.${kind.end}`, `races/too.${kind.end}`] as const;

  await timed('install', () => tarball.install(cwd));
  expect(await timed('init', () => shell(cwd, 'npx one-survivor init'))).toMatchObject({ code: 0 });
  write(join(cwd, files[0]), kind.module('newcomer/lock/broken'));
  write(join(cwd, files[1]), kind.module('newcomer/lock/too'));
  if (kind.end === 'ts') {
    // Also what the package declares is checked.
    const options = ['--strict', '--noEmit', '--module', 'NodeNext', '--target', 'ES2022', '--types', 'node'];
    const roots = ['--typeRoots', join(MODULES, '@types')];
    const tsc = join(MODULES, 'typescript/bin/tsc');
    const compiled = await timed('tsc', () =>
      execa(process.execPath, [tsc, '--ignoreConfig', ...options, ...roots, ...files], {
        cwd,
        reject: false,
        all: true,
      }),
    );
    expect(compiled.all).toBe('');
  }

  const checks = await timed('two checks at once', () =>
    Promise.all(files.map((file) => shell(cwd, `npx one-survivor check ${file} --seed 1`))),
  );
  const tokens = checks.map(({ code, out }, i) => {
    expect(code, out).toBe(1);
    expect(out).toContain('2 owners at once: daemon#1 and daemon#2');
    return new RegExp(`npx one-survivor replay (os1:\\S+) --from ${files[i]}`).exec(out)?.[1] ?? out;
  });
  const recorded = textIn(join(cwd, '.one-survivor'));
  for (const token of tokens) expect(recorded).toContain(token);

  const replayed = await timed('replay', () =>
    shell(cwd, `npx one-survivor replay ${tokens[0]} --from ${files[0]}`),
  );
  expect(replayed.code).toBe(1);
  expect(replayed.out).toContain('violated here: at most one owner');
  console.info(`${name}: ${times.join(', ')}`);
});

it('npm installs it with two packages, and runs none of its scripts', async () => {
  const cwd = projectOf(KINDS['ES modules']!);
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--foreground-scripts'];
  const { all } = await execa('npm', ['install', tarball.file, ...options], { cwd, all: true });
  expect(all).not.toContain('> one-survivor@');
  const installed = readdirSync(join(cwd, 'node_modules')).filter((folder) => !folder.startsWith('.'));
  expect(installed.sort()).toEqual(['jiti', 'one-survivor', 'tinypool']);
  const { code, out } = await shell(cwd, 'npx one-survivor list');
  expect(code, out).toBe(0);
});
