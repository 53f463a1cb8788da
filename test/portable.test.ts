// Simulations and the command line run on every system; only what starts real processes needs Linux.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isProjects } from '../src/check/isolation/fresh-url.ts';
import { raceAndPrint } from '../src/cli/actions/race.ts';
import { raceSystemAndPrint } from '../src/cli/actions/race-systems.ts';
import { UsageError } from '../src/cli/errors.ts';
import { hostOf } from '../src/node/host.ts';

const SRC = join(import.meta.dirname, '../src');
const modules = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file.replaceAll('\\', '/'), codeOf(readFileSync(join(SRC, file), 'utf8'))]),
);

/** The real machine, and what it is raced with. */
const POSIX_ONLY =
  /^(?:node|real|trials|lockstep|storm(?!\/namespaces))\/|^cli\/(?:(?:daemon|lockstep|storm|trial)-process|confirm|trials-report|actions\/(?:race(?:-phases|-systems)?|storm(?:-report)?))\.ts$/;
/** What does not exist, or is something else, on Windows or macOS. */
const POSIX = [
  /\b(?:readFileSync|readlinkSync|readdirSync|existsSync|openSync)\(\s*['"`]\/(?!\w*\$)/,
  /(?<!['`.])\bprocess\.(?:getuid|geteuid|getgid|getegid|getgroups|umask|kill)\b/,
  /\bprocess\.(?:on|once)\('SIG(?!INT'|TERM'|BREAK')/,
  /\bspawn(?:Sync)?\(\s*'(?!node')/,
];

function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** A module and all that it imports statically, types excepted. */
function reachedFrom(entries: readonly string[]): string[] {
  const reached = new Set(entries);
  for (const module of reached) {
    const imports = modules.get(module)!.matchAll(/^(?:import|export)\s(?!type\b)[^;']*?from '(\.[^']+)'/gm);
    for (const [, to] of imports) reached.add(join(module, '..', to!).replaceAll('\\', '/'));
  }
  return [...reached];
}

/** In programs, `process` is a port: the linter forbids the global one there. */
const PROGRAMS = /^(?:systems|model)\//;

const simulating = reachedFrom([
  ...['index.ts', 'vitest/index.ts', 'check/parallel/worker.ts', 'systems/index.ts', 'cli/main.ts'],
  ...[...modules.keys()].filter((file) => file.startsWith('cli/actions/') && !POSIX_ONLY.test(file)),
]).filter((file) => !file.startsWith('mutation/'));

it('what simulates imports nothing that needs POSIX', () => {
  expect(simulating.length).toBeGreaterThan(300);
  expect(simulating.filter((file) => POSIX_ONLY.test(file))).toEqual([]);
});

it('what simulates neither reads files of Linux nor calls what Windows lacks', () => {
  const real = simulating.filter((file) => !PROGRAMS.test(file));
  const wrong = real.flatMap((file) =>
    POSIX.filter((pattern) => pattern.test(modules.get(file)!)).map((pattern) => ({ file, pattern })),
  );
  expect(wrong).toEqual([]);
  for (const pattern of POSIX.slice(0, 2))
    expect([...modules].some(([file, code]) => POSIX_ONLY.test(file) && pattern.test(code))).toBe(true);
});

it('a file is imported by its URL: Windows takes the drive of a path for a scheme', () => {
  const dynamic = [...modules].flatMap(([file, code]) =>
    [...code.matchAll(/(?<!typeof |['`.])\bimport\(\s*([^')\s][^)]*)\)/g)].map(
      ([, what]) => `${file}: ${what}`,
    ),
  );
  expect(dynamic.sort()).toEqual(['cli/clone.ts: WITH_MODULES.href', 'scenario/modules.ts: url']);
  // load-scenario.ts gets the URL that scenarios.ts makes of the path.
  const callers = [...modules].filter(
    ([file, code]) => /\bimportModule\(/.test(code) && /^cli\/(?!load-scenario)/.test(file),
  );
  expect(callers.length).toBeGreaterThan(1);
  for (const [, code] of callers) expect(code).toMatch(/= pathToFileURL\([^)]*\)\.href/);
});

it.each<NodeJS.Platform>(['win32', 'darwin'])(
  'race on %s says at once that it needs Linux',
  async (platform) => {
    const { signal } = new AbortController();
    for (const race of [
      () => raceAndPrint({ starts: 2 }, signal, platform),
      () => raceSystemAndPrint({ system: 'mcporter', trials: 1 }, signal, platform),
    ]) {
      await expect(race).rejects.toThrow(UsageError);
      await expect(race).rejects.toThrow(`race got the platform ${platform}; accepted: linux`);
    }
  },
);

it('a real process on Windows says what it needs', () => {
  expect(() => hostOf('win32')).toThrow('got the platform win32; accepted: linux, darwin');
  expect(hostOf('darwin')).toBeDefined();
});

it('modules of a project on Windows are recognised by path and by URL', () => {
  const own = 'C:\\tools\\node_modules\\one-survivor\\dist\\';
  expect(isProjects('C:\\work\\lock.cjs', own)).toBe(true);
  expect(isProjects('file:///C:/work/lock.mjs', own)).toBe(true);
  expect(isProjects('C:\\work\\node_modules\\other\\index.cjs', own)).toBe(false);
  expect(isProjects(`${own}index.js`, own)).toBe(false);
  expect(isProjects('node:fs', own)).toBe(false);
});
