/**
 * Makes the JavaScript of dist/ from src/: few files, which load faster than one for each module.
 *
 * What is imported, run or started by its path is an entry, at the path of its source: `src/check/parallel/worker.ts` becomes
 * `dist/check/parallel/worker.js`. All other code is in chunks. A chunk has modules of one folder of src/ only, and is in the folder
 * of the same name, because the path of a stack frame decides what is a program (src/scenario/source-location.ts).
 */
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { RolldownMagicString, rolldown } from 'rolldown';
import { packagesIn } from './notices.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/** What package.json exports and runs, and what threads, processes and loaders are started with. Without `.ts`. */
const ENTRIES = [
  ...['index', 'ports/index', 'vitest/index', 'fast-check/index', 'owner/index'],
  ...['cli/main', 'cli/daemon-process', 'cli/trial-process', 'cli/lockstep-process', 'cli/storm-process'],
  ...['check/parallel/worker', 'check/isolation/loader-hooks', 'systems/index'],
];

/** They find files of their own by path, or must be the instance of the project. */
const EXTERNAL = ['tinypool', 'jiti', 'vitest', 'fast-check'];

/** From the bottom up, like the arrows in test/house.test.ts: a chunk also takes what it imports, unless an earlier one has it. */
const FOLDERS = [
  ...[
    'ports',
    'judge',
    'model',
    'sim',
    'node',
    'host',
    'guest',
    'scenario',
    'run',
    'schedule',
    'simulate',
    'check',
    'explore',
  ],
  ...['mutation', 'real', 'lockstep', 'storm', 'report', 'project', 'owner', 'vitest', 'fast-check'],
];

/** The other systems import these, and none imports another. */
const SHARED_SYSTEMS = ['systems/vocabulary', 'systems/model'];

/** Modules that need single modules as files. They run in `build/`, which only a clone has: see src/cli/clone.ts. */
const OF_A_CLONE = ['cli/actions/mutants.ts', 'cli/mutant-names.ts'];

/** Its only chunk is in dist/ itself, which the paths are relative to. */
const OWN_URL = 'one-survivor:own-url';

/**
 * @param {string} folder becomes dist/
 * @returns {Promise<string[]>} the folders of the packages that are in the bundle
 */
export async function bundle(folder) {
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(SRC, `${entry}.ts`)])),
    platform: 'node',
    cwd: ROOT,
    external: EXTERNAL,
    // They only pass on what others export.
    treeshake: { moduleSideEffects: [{ test: /[\\/]src[\\/].*[\\/]index\.ts$/, sideEffects: false }] },
    plugins: [onlyInAClone(), ownUrls()],
  });
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'esm',
      // Not named in the files: with --enable-source-maps Node would show frames in src/, where they do not count as ours.
      sourcemap: 'hidden',
      sourcemapExcludeSources: true,
      // src/ is next to dist/, where the package is.
      sourcemapPathTransform: (source, map) =>
        relative(dirname(map), join(dirname(folder), 'src', moduleOf(resolve(dirname(map), source)))),
      entryFileNames: '[name].js',
      chunkFileNames: nameOf,
      codeSplitting: { groups: groups() },
    });
    // Their sources are not in src/.
    for (const { fileName } of output)
      if (/^(?:vendor\/.*|own-url|rolldown-runtime)\.js$/.test(fileName))
        rmSync(join(folder, `${fileName}.map`), { force: true });
    return packagesIn(output);
  } finally {
    await bundle.close();
  }
}

function groups() {
  const systems = readdirSync(join(SRC, 'systems'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `systems/${name}`)
    .filter((name) => !SHARED_SYSTEMS.includes(name));
  return [
    { name: 'own-url', test: (id) => id === OWN_URL },
    { name: 'vendor/chunk', test: /[\\/]node_modules[\\/]/, entriesAware: true },
    ...[...FOLDERS, ...SHARED_SYSTEMS, ...systems, 'trials', 'cli'].map((name) => ({
      name: `${name}/chunk`,
      test: (id) => moduleOf(id).startsWith(`${name}/`) && !isEntry(id),
      // What only some entries need is not loaded by the others.
      entriesAware: !name.startsWith('systems/'),
    })),
  ];
}

/** What is started by its path, or imported when it is needed, and by no other module: it has a file of its own. */
function isEntry(id) {
  const module = moduleOf(id).replace(/\.ts$/, '');
  return (
    (ENTRIES.includes(module) && !module.endsWith('/index')) ||
    /^cli\/(?:actions\/|usage-errors$)/.test(module)
  );
}

function nameOf({ name, facadeModuleId }) {
  if (facadeModuleId != null) return moduleOf(facadeModuleId).replace(/\.ts$/, '.js');
  // The names of the entries that need it would follow.
  return `${name.split('~')[0]}.js`;
}

function moduleOf(id) {
  return relative(SRC, id).split(sep).join('/');
}

function onlyInAClone() {
  return {
    name: 'only-in-a-clone',
    resolveId(specifier, importer) {
      if (importer === undefined || !specifier.startsWith('.')) return null;
      const path = moduleOf(resolve(dirname(importer), specifier));
      if (!OF_A_CLONE.includes(path)) return null;
      return { id: join(ROOT, 'build', path.replace(/\.ts$/, '.js')), external: 'relative' };
    },
  };
}

/** In the bundle too, `import.meta.url` is the place of the module, as if each were a file below dist/. */
function ownUrls() {
  return {
    name: 'own-urls',
    resolveId: (specifier) => (specifier === OWN_URL ? { id: OWN_URL } : null),
    load: (id) =>
      id === OWN_URL ? 'export const ownUrl = (path) => new URL(path, import.meta.url).href;' : null,
    transform(code, id) {
      if (!id.startsWith(SRC) || !code.includes('import.meta.url')) return null;
      const path = `./${moduleOf(id).replace(/\.ts$/, '.js')}`;
      const changed = new RolldownMagicString(code);
      for (const { start, end } of urlsIn(this.parse(code, { lang: 'ts' })))
        changed.overwrite(start, end, `ownUrl('${path}')`);
      changed.append(`\nimport { ownUrl } from '${OWN_URL}';\n`);
      return { code: changed.toString(), map: JSON.parse(changed.generateMap({ hires: true }).toString()) };
    },
  };
}

/** The expressions `import.meta.url`, not the words in a string. */
function urlsIn(node) {
  if (node === null || typeof node !== 'object') return [];
  if (node.type === 'MemberExpression' && node.object.type === 'MetaProperty' && node.property.name === 'url')
    return [node];
  return Object.values(node).flatMap(urlsIn);
}
