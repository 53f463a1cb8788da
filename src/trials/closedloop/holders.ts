/** Another app, or a foreign process, holds the TCP port: what an app does. */
import type { Site } from '../../real/confined/index.ts';
import { LIMITS } from '../../systems/closedloop/constants.ts';
import { PID_FILE, TCP_PORT } from '../../systems/closedloop/setup.ts';
import { hasMarked, killsIn, marks } from '../looks.ts';
import type { Measured, Row } from '../table.ts';
import { firstVersion, OF_AFTER, OF_OURS } from './programs.ts';
import { appReady, listening, untilListens, untilMarked } from './steps.ts';

async function live(site: Site): Promise<Measured> {
  const { sidecar } = await appReady(site);
  const shared = site.read(PID_FILE) === `${sidecar.pid}`;
  const second = await site.start('app');
  await untilMarked(site, second, 'ready', 'blocked-live', 'killed-orphan', 'reclaimed');
  const lives = site.isAlive(sidecar);
  const blocked = hasMarked(site, second, 'blocked-live');
  return {
    value: `${lives ? 'survives' : 'ended without consent'}${blocked ? ', blocked-live' : ''}`,
    fault: lives ? null : 'the sidecar of a live app is ended',
    survivors: listening(site) === undefined ? 0 : 1,
    numbers: { namedInPidFile: shared ? 1 : 0, signals: killsIn(site.traceOf(second)).length },
  };
}

async function foreign(site: Site): Promise<Measured> {
  const stranger = await site.start('stranger 0.0.0.0', { foreign: true });
  await site.until('the stranger listens', () => site.holders(TCP_PORT).includes(stranger.pid));
  const app = await site.start('app');
  await untilMarked(site, app, 'says-foreign', 'gave-up');
  const named = hasMarked(site, app, 'says-foreign');
  const lives = stranger.ending === null;
  const attempts = site.traces('sidecar').length;
  const signals = killsIn(site.traceOf(app)).length;
  return {
    value: `${named ? 'named' : `silent, ${attempts - 1} retries`}, ${lives ? 'untouched' : 'ended'}`,
    fault: !named ? 'no log says which process is in the way' : lives ? null : 'a foreign process is ended',
    numbers: { signals },
  };
}

/** Another app takes the TCP port while the first one, whose sidecar has crashed, waits to start it again. */
async function recovery(site: Site): Promise<Measured> {
  const { app: first, sidecar } = await appReady(site);
  // So that its wait is over only when the other one listens.
  first.signal('SIGSTOP');
  site.signal(sidecar, 'SIGKILL');
  await site.until('the sidecar has crashed', () => !site.isAlive(sidecar));
  await site.start('app');
  const other = await untilListens(site);
  first.signal('SIGCONT');
  await untilMarked(site, first, 'asks-in-recovery', 'blocked-live');
  const asked = marks(site, 'asks-in-recovery').length > 0;
  await untilMarked(site, first, 'blocked-live');
  const lives = site.isAlive(other);
  return {
    value: `${asked ? 'a dialog' : 'no dialog'}, the other ${lives ? 'survives' : 'is ended'}`,
    fault: asked ? 'a dialog comes up in crash recovery' : lives ? null : 'the other sidecar is ended',
    survivors: listening(site) === undefined ? 0 : 1,
  };
}

export const HOLDERS: readonly Row[] = [
  {
    name: 'live',
    about: 'another app lives, the shared PID file names its sidecar, and a second app starts',
    variants: {
      before: {
        programs: firstVersion('pidFileIsProof'),
        document: 'ended without consent (first version)',
        agrees: (value) => value === 'ended without consent',
        expects: 'fault',
      },
      after: {
        programs: OF_AFTER,
        document: 'survives, blocked-live',
        agrees: (value) => value === 'survives, blocked-live',
        expects: 'none',
      },
      ours: { programs: OF_OURS, document: null, expects: 'none' },
    },
    run: live,
  },
  {
    name: 'foreign',
    about: 'a foreign process listens on 0.0.0.0, and an app starts',
    variants: {
      before: {
        programs: firstVersion('loopbackOnly'),
        document: 'silent, 5 retries (first version)',
        agrees: (value) => value === `silent, ${LIMITS.restarts} retries, untouched`,
        expects: 'fault',
      },
      after: {
        programs: OF_AFTER,
        document: 'named, untouched',
        agrees: (value) => value === 'named, untouched',
        expects: 'none',
      },
      ours: { programs: OF_OURS, document: null, expects: 'none' },
    },
    run: foreign,
  },
  {
    name: 'recovery',
    about: 'a sidecar crashes, and another app takes the TCP port: what the first app does',
    variants: {
      before: {
        programs: firstVersion('asksInRecovery'),
        document: 'a dialog while the user works (first version)',
        agrees: (value) => value.startsWith('a dialog'),
        expects: 'fault',
      },
      after: {
        programs: OF_AFTER,
        document: 'no dialog, blocked-live',
        agrees: (value) => value === 'no dialog, the other survives',
        expects: 'none',
      },
      ours: { programs: OF_OURS, document: null, expects: 'none' },
    },
    run: recovery,
  },
];
