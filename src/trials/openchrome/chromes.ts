/** A Chrome that is gone, and Chromes whose session is gone. */
import type { Site } from '../../real/confined/index.ts';
import { EXIT_RELEASED, LIMITS, TAKEOVER_MS } from '../../systems/openchrome/constants.ts';
import { exitCodesOf, hasMarked, marksIn, msUntilMark, seconds } from '../looks.ts';
import type { Measured, Row } from '../table.ts';
import * as programs from './programs.ts';
import { ATTACHED, ageLock, count, isOver, loseChrome, sessionUp } from './steps.ts';

/** "About 2 s". */
const IN_TIME = new RegExp(`^taken over after ([01]\\.\\d|${TAKEOVER_MS / 1_000}\\.[0-4]) s$`);
/** Managed, headed fallback, headless. */
const CHROMES_OF_A_SESSION = 3;
/** When an owner that does not give up has had one more chance to. */
const ENOUGH_FAILURES = LIMITS.failuresToRelease + 1;

export const RELEASES: readonly Row[] = [
  {
    name: 'half-zombie',
    about: 'the owner lives, its Chrome is gone for good, another session starts',
    variants: {
      before: {
        programs: programs.OF_BEFORE,
        document: 'refused, indefinitely',
        agrees: (value) => value.startsWith('refused'),
        expects: 'fault',
      },
      after: {
        programs: programs.TAKEOVER_ONLY,
        document: 'taken over within about 2 s',
        agrees: (value) => IN_TIME.test(value),
        expects: 'none',
      },
      ours: { programs: programs.OURS_QUICK, document: null, expects: 'none' },
    },
    async run(site, _, variant) {
      const zombie = await sessionUp(site, variant === 'ours' ? 'serve --hung-watchdog' : 'serve');
      const next = await site.prepare('serve');
      await loseChrome(site);
      ageLock(site);
      // On our protocol the grace is the owner's own, and no file can be made older.
      const lostAtMs = performance.now();
      const graceMs = variant === 'ours' ? programs.RECOVER_MS : 0;
      await site.until('its grace is over', () => performance.now() - lostAtMs > graceMs);
      next.go();
      await site.until(
        'the next session has its Chrome, or has ended',
        () => isOver(next) || hasMarked(site, next, 'up'),
      );
      const tookMs = msUntilMark(site, next, 'own');
      return {
        value: tookMs === null ? `refused, exit ${next.ending?.code}` : `taken over after ${seconds(tookMs)}`,
        fault: tookMs === null ? 'the half-zombie keeps the others out' : null,
        refused: tookMs === null ? 1 : 0,
        exitCodes: exitCodesOf(site, 'serve'),
        numbers: {
          tookMs: Math.round(tookMs ?? -1),
          evictedRunOn: tookMs !== null && !isOver(zombie) ? 1 : 0,
        },
      };
    },
  },
  {
    name: 'self-release',
    about: 'the Chrome of an owner cannot be started again: what the owner and its host do',
    variants: {
      before: {
        programs: programs.OF_BEFORE,
        document: 'holds the lock for ever',
        agrees: (value) => value.startsWith('holds the lock'),
        expects: 'fault',
      },
      after: {
        programs: programs.OF_AFTER,
        document: 'exit 70, the host starts a fresh owner',
        agrees: (value) => value === `exit ${EXIT_RELEASED} after 2 failures, respawned`,
        expects: 'none',
      },
      ours: { programs: programs.ours(), document: null, expects: 'none' },
    },
    async run(site) {
      const host = await site.start('host');
      await site.until('the session serves its host', () => hasMarked(site, host, 'host-served'));
      await site.until('its watchdog looks', () => count(site, 'up', 'serve') === 1);
      await loseChrome(site);
      await site.until(
        'a fresh session has its Chrome, or the old one goes on',
        () => count(site, 'up', 'serve') === 2 || count(site, 'relaunch-failed', 'serve') >= ENOUGH_FAILURES,
      );
      const [first] = site.traces('serve');
      const failures = marksIn(first, 'relaunch-failed').length;
      const last = first?.lines.at(-1);
      const released = count(site, 'host-respawned', 'host') === 1 && last?.op === 'exit';
      return {
        value: released
          ? `exit ${last.args.code} after ${failures} failures, respawned`
          : `holds the lock after ${failures} failures`,
        fault: released ? null : 'an owner without a Chrome does not give up',
        ...{ survivors: site.alive('serve').length, exitCodes: exitCodesOf(site, 'serve') },
        numbers: { failures },
      };
    },
  },
];

async function orphans(site: Site): Promise<Measured> {
  const attached = await site.start(ATTACHED, { foreign: true });
  const owner = await sessionUp(site);
  const its = () => site.alive('chrome').filter(({ pid }) => pid !== attached.pid);
  await site.until('its three Chromes run', () => its().length === CHROMES_OF_A_SESSION);
  const all = its();
  owner.signal('SIGKILL');
  await owner.exited;
  await sessionUp(site);
  const left = all.filter((chrome) => site.isAlive(chrome));
  return {
    value: `${left.length} of ${all.length} left`,
    fault: left.length > 0 ? `${left.length} Chromes of the dead session run on` : null,
    orphans: left.length,
    numbers: { attachedEnded: isOver(attached) ? 1 : 0 },
  };
}

export const CHROMES: readonly Row[] = [
  {
    name: 'orphans',
    about: 'an owner is killed, the next one starts: Chromes of the dead one (9222, 9322, 9666) that run on',
    variants: {
      before: {
        programs: programs.ALL_CHROMES.before,
        document: '2 left (9322 and 9666)',
        agrees: (value) => value === '2 of 3 left',
        expects: 'fault',
      },
      after: {
        programs: programs.ALL_CHROMES.after,
        document: 'all reaped (G2)',
        agrees: (value) => value === '0 of 3 left',
        expects: 'none',
      },
      ours: { programs: programs.OURS_ALL_CHROMES, document: null, expects: 'none' },
    },
    run: orphans,
  },
  {
    name: 'broker',
    about: 'a client without a broker, then with one; on our protocol its lease after it is killed',
    variants: {
      after: {
        programs: programs.OF_AFTER,
        document: 'a hint over MCP; clients of an owner with --broker are served (G3)',
        agrees: (value) => value === 'told why, served',
        expects: 'none',
      },
      ours: { programs: programs.ours(), document: null, expects: 'none' },
    },
    async run(site, _, variant) {
      const host = await site.start('host --connect-broker');
      await site.until(
        'the host knows',
        () => count(site, 'host-told') + count(site, 'host-unexplained') > 0,
      );
      const told = hasMarked(site, host, 'host-told');
      const broker = await site.start('serve --broker');
      await site.until('it takes clients', () => hasMarked(site, broker, 'broker-published'));
      const client = await site.prepare('serve --connect-broker');
      client.go();
      await site.until('the client is served', () => isOver(client) || hasMarked(site, client, 'brokered'));
      const words = [
        told ? 'told why' : 'unexplained',
        hasMarked(site, client, 'brokered') ? 'served' : 'not served',
      ];
      if (variant === 'ours') {
        client.signal('SIGKILL');
        await site.until('its lease is reclaimed', () => count(site, 'lease-reclaimed') > 0);
        words.push('lease reclaimed');
      }
      return {
        value: words.join(', '),
        fault: words.some((word) => /^(unexplained|not )/.test(word)) ? words.join() : null,
      };
    },
  },
];
