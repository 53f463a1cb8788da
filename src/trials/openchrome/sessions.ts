/** Several sessions at once: how many are refused, and what their hosts get to see. */
import type { Site } from '../../real/confined/index.ts';
import { exitCodesOf, hasMarked } from '../looks.ts';
import type { Row } from '../table.ts';
import { OF_AFTER, OF_BEFORE, ours } from './programs.ts';
import { count, isOver, owners } from './steps.ts';

/** What a user of a host gets to see, in the words of the table. */
const SEEN = {
  'host-served': 'served',
  'host-told': 'told why',
  'host-unexplained': 'unexplained',
  'host-failed': 'failed',
} as const;

/** The sessions that three people have open. */
const STARTS = 3;
/** As many as double-owned most often. */
const COLD_STARTS = 8;

function seenBy(site: Site): Record<string, number> {
  return Object.fromEntries(Object.entries(SEEN).map(([mark, what]) => [what, count(site, mark, 'host')]));
}

export const SESSIONS: readonly Row[] = [
  {
    name: 'sessions',
    about: 'one session has the Chrome, others start at once: refused, and what their hosts see',
    starts: STARTS,
    variants: {
      before: {
        programs: OF_BEFORE,
        document: 'N − 1 of N refused, unexplained (−32000)',
        agrees: (value, starts) => value === `${starts - 1} of ${starts} refused, unexplained`,
        expects: 'fault',
      },
      after: {
        programs: OF_AFTER,
        document: 'N − 1 of N refused, told why',
        agrees: (value, starts) => value === `${starts - 1} of ${starts} refused, told why`,
        expects: 'none',
      },
      ours: { programs: ours(), document: null, expects: 'none' },
    },
    async run(site, starts) {
      const first = await site.start('host');
      await site.until('the first session is served', () => hasMarked(site, first, 'host-served'));
      await site.startAtOnce(starts - 1, 'host');
      const answered = () => Object.keys(SEEN).reduce((sum, mark) => sum + count(site, mark, 'host'), 0);
      await site.until('each host knows', () => answered() === starts);
      const seen = seenBy(site);
      const refused = starts - seen.served!;
      const what = Object.keys(seen).filter((word) => word !== 'served' && seen[word]! > 0);
      return {
        value: `${refused} of ${starts} refused${what.map((word) => `, ${word}`).join('')}`,
        fault: seen.unexplained! > 0 ? `${seen.unexplained} hosts do not learn why` : null,
        ...{ refused, survivors: owners(site).length, exitCodes: exitCodesOf(site, 'serve') },
      };
    },
  },
  {
    name: 'cold-start',
    about: 'all sessions start at the same moment: owners',
    starts: COLD_STARTS,
    variants: {
      before: { programs: OF_BEFORE, document: '1', agrees: (value) => value === '1', expects: 'any' },
      after: { programs: OF_AFTER, document: '1', agrees: (value) => value === '1', expects: 'any' },
      ours: { programs: ours(), document: null, expects: 'none' },
    },
    async run(site, starts) {
      const sessions = await site.startAtOnce(starts, 'serve');
      await site.until('each session owns or has ended', () =>
        sessions.every((session) => isOver(session) || hasMarked(site, session, 'own')),
      );
      const owning = owners(site).length;
      return {
        value: `${owning}`,
        fault: owning > 1 ? `${owning} owners at once` : null,
        ...{ survivors: owning, refused: sessions.filter(isOver).length },
        exitCodes: exitCodesOf(site, 'serve'),
      };
    },
  },
];
