/** An orphan holds the TCP port: what the next app does. */
import type { ProcessIdentity } from '../../ports/index.ts';
import type { Site } from '../../real/confined/index.ts';
import { LIMITS } from '../../systems/closedloop/constants.ts';
import { MARKER, PID_FILE } from '../../systems/closedloop/setup.ts';
import { exitCodesOf, hasMarked, marks } from '../looks.ts';
import type { Measured, Row } from '../table.ts';
import { OF_AFTER, OF_BEFORE, OF_OURS } from './programs.ts';
import { appReady, listening, signalsTo, untilListens, untilMarked } from './steps.ts';

/** Starts the next app, and waits until it serves or says that it does not. */
async function nextApp(site: Site, orphan: ProcessIdentity): Promise<Measured> {
  const adopter = site.alive('sidecar').find(({ pid }) => pid === orphan.pid)?.ppid ?? 0;
  const next = await site.start('app');
  await untilMarked(site, next, 'ready', 'gave-up', 'blocked-live');
  const { words, betweenMs } = signalsTo(site, next, orphan);
  const gone = !site.isAlive(orphan);
  const serves = hasMarked(site, next, 'ready') && listening(site)?.ppid === next.pid;
  const attempts = site
    .traces('sidecar')
    .filter(({ lines }) => lines.some(({ error }) => error === 'EADDRINUSE'));
  const blocked = hasMarked(site, next, 'blocked-live') ? `taken for live (adopted by PID ${adopter})` : null;
  return {
    value:
      serves && gone
        ? `ended (${words}), serves`
        : (blocked ?? `gave up after ${attempts.length - 1} retries`),
    fault: serves ? null : 'the next app has no monitor',
    ...{ survivors: listening(site) === undefined ? 0 : 1, orphans: gone ? 0 : 1 },
    exitCodes: exitCodesOf(site, 'sidecar'),
    numbers: { adopter, betweenMs, dialogs: marks(site, 'asks-at-boot').length },
  };
}

/** `SIGTERM, 2.0 s, SIGKILL`, and the machine may be a bit late. */
const IN_TIME = /^ended \(SIGTERM, 2\.[0-3] s, SIGKILL\), serves$/;

export const ORPHANS: readonly Row[] = [
  {
    name: 'orphan',
    about: 'an app is killed, its sidecar holds the TCP port, and the next app starts',
    variants: {
      before: {
        programs: OF_BEFORE,
        document: '5 retries, then a blank dashboard',
        agrees: (value) => value === `gave up after ${LIMITS.restarts} retries`,
        expects: 'fault',
      },
      after: {
        programs: OF_AFTER,
        document: 'ended, the TCP port is free',
        agrees: (value) => value.startsWith('ended ('),
        expects: 'none',
      },
      ours: { programs: OF_OURS, document: null, expects: 'none' },
    },
    async run(site) {
      const app = await site.start('app');
      const orphan = await untilListens(site);
      app.signal('SIGKILL');
      await app.exited;
      return nextApp(site, orphan);
    },
  },
  {
    name: 'stubborn-orphan',
    about: 'the orphan does not end at SIGTERM',
    variants: {
      after: {
        programs: OF_AFTER,
        document: 'SIGTERM, 2 s, SIGKILL',
        agrees: (value) => IN_TIME.test(value),
        expects: 'none',
      },
    },
    async run(site) {
      const crashed = await site.start(`crashed-app sidecar ${MARKER} stubborn`);
      await crashed.exited;
      return nextApp(site, await untilListens(site));
    },
  },
  {
    name: 'clean-stop',
    about: 'an app is ready, and then asked to end: its PID file and its sidecar',
    variants: {
      after: {
        programs: OF_AFTER,
        document: 'written when it is ready, removed on a clean stop',
        agrees: (value) => value === 'written, removed, exit 0',
        expects: 'none',
      },
    },
    async run(site) {
      const { app, sidecar } = await appReady(site);
      const written = site.read(PID_FILE) === `${sidecar.pid}`;
      app.signal('SIGTERM');
      await app.exited;
      await site.until('its sidecar ends', () => !site.isAlive(sidecar));
      const removed = site.read(PID_FILE) === null;
      return {
        value: `${written ? '' : 'not '}written, ${removed ? '' : 'not '}removed, exit ${app.ending?.code}`,
        fault: written && removed ? null : 'the PID file is not as it should be',
      };
    },
  },
];
