import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
// @ts-expect-error: a script, without types.
import { buildViewer } from '../../scripts/viewer.mjs';
import { criticalOf, replay } from '../../src/check/index.ts';
import { VERSION } from '../../src/cli/version.ts';
import { evidenceOf } from '../../src/report/index.ts';
import { type PageAssets, type PageData, pageData } from '../../src/report/page/index.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { type Scenario, scenario, sometimes } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What would break out of a page, if it could. */
export const HOSTILE = [
  '</script><img src=x onerror="globalThis.broken=1">',
  '<!--<script>globalThis.broken=1</script>',
  '"><svg onload=globalThis.broken=1>',
  '\u202eevil\u2066\u0000\u001b[2J\u2028',
] as const;

/** The viewer as `npm run build` makes it, in a folder of its own. */
export async function builtViewer(): Promise<PageAssets> {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-viewer-'));
  try {
    await buildViewer(folder);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    return { script: read('viewer.js'), style: read('viewer.css') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a recorded counterexample of a built-in scenario. */
export async function recordedPage(id: string): Promise<PageData> {
  const corpus = JSON.parse(readFileSync(join(ROOT, 'fixtures/tokens.json'), 'utf8')) as {
    scenario: string;
    token: string;
  }[];
  return pageOf(
    SCENARIOS.find((each) => each.id === id)!,
    corpus.find((each) => each.scenario === id)!.token,
  );
}

export async function pageOf(of: Scenario, token = encodeToken(of, emptySchedule())): Promise<PageData> {
  const again = await replay(token, () => of);
  return pageData(again, evidenceOf(again, await criticalOf(again)), { from: null, mutant: null }, VERSION);
}

/** Files, marks and processes with names that want to be more than text. */
export const hostileScenario = scenario({
  id: 'fixture/viewer/hostile',
  programs: {
    daemon: async (ports) => {
      for (const [i, text] of HOSTILE.entries()) {
        await ports.fs.writeFile(`/${text.replaceAll('/', '|').replaceAll('\0', '')}`, text);
        ports.mark(`${text}${i}`, { [text]: text });
      }
      throw new Error(HOSTILE.join(''));
    },
  },
  start: [{ program: 'daemon' }],
  invariants: [sometimes(HOSTILE[0], 'nothing')],
});

/** Each beats, over and over, before one of them owns and clears away what it no longer needs. */
export const chattyScenario = scenario({
  id: 'fixture/viewer/chatty',
  programs: {
    writer: async ({ fs, mark }) => {
      await fs.writeFile('/state/stale', '');
      for (let i = 0; i < 20; i++) await fs.writeFile('/state/beat', `${i}`);
      await fs.writeFile('/state/own', 'me');
      await fs.unlink('/state/stale').catch(() => {});
      mark('own');
      return 0;
    },
  },
  start: [{ program: 'writer', count: 2 }],
  machine: { files: { '/state': null } },
  invariants: [],
});

/** A page of so many events of the processes of another one, each with a state of the machine of its own. */
export function longPage({ version, traces }: PageData, count: number): PageData {
  const [first] = traces as [PageData['traces'][number]];
  const rows = Array.from({ length: count }, (_, at) => ({
    ...first.rows[at % first.rows.length]!,
    ...{ step: at + 1, atMs: at * 0.02, frame: at, text: `write /state/event ← "event ${at}"` },
  }));
  const frames = rows.map((_, at) => ({ files: { '/state/event': `event ${at}` } }));
  const trace = { ...first, rows, frames, spans: [], folds: [], pair: [], broken: count - 1 };
  return { version, traces: [{ ...trace, claims: ['/state/event'] }] };
}

/** The same page, whose processes and paths have long names. */
export function longNames({ version, traces }: PageData): PageData {
  return {
    version,
    traces: traces.map((trace) => ({
      ...trace,
      actors: trace.actors.map((actor) => ({ ...actor, name: `a-program-with-a-long-name-${actor.name}` })),
      rows: trace.rows.map((row) => ({
        ...row,
        text: row.text.replaceAll(/\/(?=\w)/g, '/a-folder-with-a-long-name/another-one/'),
      })),
    })),
  };
}
