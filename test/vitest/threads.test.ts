import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { type ScenarioOptions, scenario } from '../../src/scenario/index.ts';
import { RaceThreads } from '../../src/vitest/threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'one-survivor-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS: Omit<ScenarioOptions, 'programs'> = {
  id: 'test/threads/two',
  start: [{ program: 'writer', count: 2 }],
  machine: { files: { '/run': null } },
  invariants: [],
};

/** The URL of a module that exports a scenario with this program. */
function moduleOf(name: string, program: Program): string {
  const file = join(folder, `${name}.mjs`);
  Object.assign(globalThis, { [name]: scenario({ ...OPTIONS, programs: { writer: program } }) });
  writeFileSync(file, `export default globalThis[${JSON.stringify(name)}];\n`);
  return pathToFileURL(file).href;
}

const writer: Program = async ({ fs }) => fs.writeFile('/run/a', 'a');

/** Why a search with three threads used one. */
async function noteOf(of: Partial<ScenarioOptions>, url: string | null, workers = 3): Promise<string | null> {
  const threads = new RaceThreads(workers, url);
  const { runs } = await threads.search(scenario({ ...OPTIONS, programs: { writer }, ...of }), {
    seed: 1,
    runs: 2,
  });
  await threads.close();
  expect(runs).toBe(2);
  return threads.note;
}

describe('the threads of a race test', () => {
  it('are used only if the file exports the scenario of the test, and the test says why they are not', async () => {
    const url = moduleOf('same', writer);
    expect(await noteOf({}, url)).toBeNull();
    expect(await noteOf({}, null)).toBe(
      'one thread instead of 3: the option from, which names the file that exports the scenario, is missing',
    );
    expect(await noteOf({}, null, 1)).toBeNull();
    expect(await noteOf({}, `${url}.mjs`)).toMatch(
      /^one thread instead of 3: .*same\.mjs\.mjs cannot be loaded: /,
    );
    expect(await noteOf({ id: 'test/threads/other' }, url)).toMatch(
      /same\.mjs exports no scenario test\/threads\/other$/,
    );
    expect(await noteOf({ start: [{ program: 'writer' }] }, url)).toMatch(
      /test\/threads\/two in .*same\.mjs is not defined as in the test$/,
    );
  });

  it('are not used if the program is another one there, as with a mock', async () => {
    const url = moduleOf('real', async ({ fs }) => fs.writeFile('/run/b', 'b'));
    expect(await noteOf({}, url)).toMatch(
      /the first run of test\/threads\/two is another one if Node loads /,
    );
  });
});
