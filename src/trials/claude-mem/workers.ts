/** Workers and their chroma-mcp: bind losers, searches, SIGHUP, and the breaker. */
import type { Site } from '../../real/confined/index.ts';
import { BREAKER } from '../../systems/claude-mem/constants.ts';
import { CHROMA_MOOD, DIRECTORY, TCP_PORT } from '../../systems/claude-mem/setup.ts';
import { exitCodesOf } from '../looks.ts';
import type { Measured, Row } from '../table.ts';
import { chromaStarts, chromas, hasLostBind, hasSynced, untilEnded, workers } from './looks.ts';
import { PROGRAMS, SEARCHES } from './programs.ts';

const WORKERS = 3;
const CLIENTS = 6;

async function bindLosers(site: Site, starts: number): Promise<Measured> {
  await site.startAtOnce(starts, 'worker');
  await site.until(
    'the workers have settled',
    () => site.traces('worker').length === starts && workers(site).every((worker) => hasSynced(site, worker)),
  );
  const losers = starts - 1;
  const goOn = workers(site).length - 1;
  const extra = chromas(site).length - 1;
  const left = exitCodesOf(site, 'worker');
  return {
    value:
      goOn === 0 ? `${losers} exit ${Object.keys(left).join()}` : `${goOn} go on, with ${extra} chroma-mcp`,
    fault: goOn > 0 || extra > 0 ? `${goOn} workers that lost the bind go on` : null,
    ...{ survivors: workers(site).length, refused: losers - goOn, orphans: extra, exitCodes: left },
    numbers: { bindLosers: site.traces('worker').filter(hasLostBind).length },
  };
}

async function searches(site: Site, starts: number): Promise<Measured> {
  const clients = [];
  for (let i = 0; i < starts; i++) clients.push(await site.prepare('client'));
  await site.start('worker');
  await site.until('the worker listens', () => site.holders(TCP_PORT).length > 0);
  for (const client of clients) client.go();
  await untilEnded(site, clients);
  const started = chromaStarts(site);
  return {
    value: `${started} chroma-mcp`,
    fault: started > 2 ? `${started} chroma-mcp for one worker` : null,
    ...{ survivors: workers(site).length, orphans: Math.max(0, chromas(site).length - 1) },
  };
}

async function hangUp(site: Site): Promise<Measured> {
  site.write(CHROMA_MOOD, 'hangs');
  await untilEnded(site, [await site.start('hook')]);
  const [worker] = workers(site);
  if (worker === undefined) return { value: 'failed', fault: 'no worker', failed: true };
  await site.until('it has looked for chroma-mcp', () => hasSynced(site, worker));
  site.signal(worker, 'SIGHUP');
  await site.until('the worker ends', () => !site.isAlive(worker));
  const left = chromas(site).length;
  site.remove(CHROMA_MOOD);
  await untilEnded(site, [await site.start('hook')]);
  const again = workers(site).length;
  return {
    value: `${left} left, then ${again} worker${again === 1 ? '' : 's'}`,
    fault: left > 0 ? `${left} chroma-mcp outlive their worker` : null,
    ...{ survivors: again, orphans: left, exitCodes: exitCodesOf(site, 'worker') },
  };
}

async function breaker(site: Site): Promise<Measured> {
  site.write(CHROMA_MOOD, 'fails');
  await site.start('worker');
  await site.until('the worker listens', () => site.holders(TCP_PORT).length > 0);
  await untilEnded(site, [await site.start('searcher')]);
  const started = chromaStarts(site);
  return {
    value: `${started} starts`,
    fault: started > BREAKER.failures ? `chroma-mcp is started ${started} times` : null,
    survivors: workers(site).length,
  };
}

const files = { [DIRECTORY]: null };

export const OF_WORKERS: readonly Row[] = [
  {
    name: 'bind-loser',
    about: '3 workers at once: what those do that find the TCP port taken',
    starts: WORKERS,
    files,
    variants: {
      before: {
        programs: PROGRAMS.before,
        document: 'go on, and start chroma-mcp',
        agrees: (value) => value.includes('go on'),
        expects: 'fault',
      },
      after: {
        programs: PROGRAMS.after,
        document: 'exit 0 at once',
        agrees: (value) => value.endsWith(' exit 0'),
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: bindLosers,
  },
  {
    name: 'searches',
    about: '6 searches at once, as the worker begins: chroma-mcp started',
    starts: CLIENTS,
    files,
    variants: {
      before: {
        programs: PROGRAMS.before,
        document: 'N searches: N chroma-mcp',
        // One more for the worker itself.
        agrees: (value, starts) => [starts, starts + 1].includes(Number.parseInt(value, 10)),
        expects: 'fault',
      },
      after: {
        programs: PROGRAMS.after,
        document: '1 chroma-mcp',
        agrees: (value) => value === '1 chroma-mcp',
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: searches,
  },
  {
    name: 'sighup',
    about:
      'SIGHUP to a worker whose chroma-mcp does not answer: chroma-mcp left; workers after the next hook',
    files,
    variants: {
      before: { programs: PROGRAMS.before, document: 'leaves chroma-mcp', expects: 'fault' },
      after: {
        programs: PROGRAMS.after,
        document: 'a clean restart, no orphans',
        agrees: (value) => value === '0 left, then 1 worker',
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: hangUp,
  },
  {
    name: 'breaker',
    about: `chroma-mcp cannot be started, ${SEARCHES} searches, one a second: how often it is started`,
    files,
    variants: {
      before: { programs: PROGRAMS.before, document: 'no breaker', expects: 'fault' },
      after: {
        programs: PROGRAMS.after,
        document: '3 failures, then none for 60 s',
        agrees: (value) => value === `${BREAKER.failures} starts`,
        expects: 'none',
      },
      ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
    },
    run: breaker,
  },
];
