/** Hooks at once: how many workers they start, and how many chroma-mcp those. */
import type { Site } from '../../real/confined/index.ts';
import { CHROMA_MOOD, DIRECTORY } from '../../systems/claude-mem/setup.ts';
import { exitCodesOf, mostAtOnce, seconds } from '../looks.ts';
import type { Measured, Row } from '../table.ts';
import {
  attemptsPerHook,
  chromaStarts,
  chromas,
  gaveUp,
  hasLostBind,
  hasSettled,
  timesOf,
  untilEnded,
  workers,
} from './looks.ts';
import { PROGRAMS, STORM } from './programs.ts';

const HOOKS = 10;
const STORM_MS = 30_000;
/** How soon a healthy worker answers, according to the document. */
const ANSWER_MS = 100;
/** A storm is ended before it fills the machine. */
const MOST_CHROMAS = 100;

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 || what === 'chroma-mcp' ? '' : 's'}`;
}

async function hooksAtOnce(site: Site, starts: number): Promise<Measured> {
  await untilEnded(site, await site.startAtOnce(starts, 'hook'));
  await site.until('the workers have settled', () => hasSettled(site));
  const most = mostAtOnce(site, 'worker');
  return {
    value: `${count(most, 'worker')}, ${count(chromas(site).length, 'chroma-mcp')}`,
    fault: most > 1 ? `${most} workers at once` : null,
    survivors: workers(site).length,
    orphans: Math.max(0, chromas(site).length - 1),
    exitCodes: exitCodesOf(site, 'worker'),
    numbers: {
      workersStarted: site.traces('worker').length,
      bindLosers: site.traces('worker').filter(hasLostBind).length,
      attemptsPerHook: attemptsPerHook(site),
      hooksThatGaveUp: gaveUp(site),
    },
  };
}

async function storm(site: Site, starts: number): Promise<Measured> {
  site.write(CHROMA_MOOD, 'hangs');
  await site.startAtOnce(starts, 'hook');
  const cut = await site.happens(() => chromas(site).length >= MOST_CHROMAS, STORM_MS);
  const { length } = chromas(site);
  const most = mostAtOnce(site, 'worker');
  return {
    value: `${length} chroma-mcp of ${count(most, 'worker')} in ${cut ? 'less than ' : ''}${STORM_MS / 1_000} s`,
    fault: length > 2 ? `${length} chroma-mcp` : null,
    ...{ survivors: workers(site).length, orphans: length },
    numbers: { chromaProcesses: length, mostWorkers: most, chromaStarted: chromaStarts(site) },
  };
}

export const OF_HOOKS: readonly Row[] = [
  {
    name: 'ten-hooks',
    about: '10 hooks at once: workers at once, chroma-mcp in the end',
    starts: HOOKS,
    files: { [DIRECTORY]: null },
    variants: {
      before: {
        programs: PROGRAMS.before,
        document: '19 workers in the incident; 2 attempts for each event',
        expects: 'fault',
      },
      after: {
        programs: PROGRAMS.after,
        document: '1 worker, at most 2 chroma-mcp',
        agrees: (value) => /^1 worker, [012] /.test(value),
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: hooksAtOnce,
  },
  {
    name: 'storm',
    about: '10 hooks at once, chroma-mcp never answers: chroma-mcp after half a minute',
    starts: HOOKS,
    files: { [DIRECTORY]: null },
    variants: {
      before: { programs: STORM.before, document: '641 in 5 min', expects: 'fault' },
      after: {
        programs: STORM.after,
        document: 'at most 2',
        agrees: (value) => /^[012] /.test(value),
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: storm,
  },
  {
    name: 'timings',
    about: 'one hook: how long a worker takes to start, to answer, and the gap between look and start',
    files: { [DIRECTORY]: null },
    variants: {
      before: {
        programs: PROGRAMS.before,
        document: 'start < 1 s, answer < 100 ms, gap 100 to 500 ms',
        agrees: isInTime,
        expects: 'none',
      },
      after: {
        programs: PROGRAMS.after,
        document: 'start < 1 s, answer < 100 ms (unchanged)',
        agrees: isInTime,
        expects: 'none',
      },
    },
    async run(site) {
      await untilEnded(site, [await site.start('hook')]);
      const times = timesOf(site);
      if (times === null) return { value: 'failed', fault: 'no worker came to listen', failed: true };
      const { spawnMs, healthMs, windowMs } = times;
      return {
        value: `start ${seconds(spawnMs)}, answer ${healthMs < ANSWER_MS ? '<' : '≥'} ${ANSWER_MS} ms, gap ${seconds(windowMs)}`,
        fault: null,
        numbers: {
          spawnMs: Math.round(spawnMs),
          healthMs: Math.round(healthMs),
          windowMs: Math.round(windowMs),
        },
      };
    },
  },
];

function isInTime(value: string): boolean {
  const [, start = '', gap = ''] = /^start (\S+) s, answer < \d+ ms, gap (\S+) s$/.exec(value) ?? [];
  return start !== '' && Number(start) < 1 && Number(gap) >= 0.1 && Number(gap) <= 0.5;
}
