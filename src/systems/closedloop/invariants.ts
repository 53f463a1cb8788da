/** What must hold of apps, of their sidecars, and of the TCP port. */
import { processOfFile } from '../../model/index.ts';
import {
  eventually,
  type Invariant,
  ifExercised,
  nothingForeignSignalled,
  oneSurvivor,
  sometimes,
} from '../../scenario/index.ts';
import {
  hasQuit,
  isA,
  namesOf,
  neverMarked,
  onChange,
  type SeenProcess,
  whenMarked,
} from '../vocabulary/index.ts';
import { PID_FILE, TCP_PORT } from './setup.ts';

/** While any app lives, one sidecar listens and runs, and the app that started it lives. */
export const monitorServes = oneSurvivor({
  among: (world) => world.listenersOn(TCP_PORT).filter((process) => isA(process, 'sidecar')),
  serves: (sidecar) => (appOf(sidecar) === null ? `${sidecar.name} serves, and its app is gone` : null),
  unless: (world) => !world.processes.some((process) => process.alive && isA(process, 'app')),
  because: (world) => `on the TCP port listen: ${namesOf(world.listenersOn(TCP_PORT))}`,
});

/** The user has said so. */
export const consenterServes = eventually('the app with the consent gets the TCP port', (world) => {
  const app = world.processes.find(
    (process) => process.alive && isA(process, 'app') && process.command.includes('consents'),
  );
  const listening = world.listenersOn(TCP_PORT);
  return app === undefined || listening.some(({ parent }) => parent === app)
    ? null
    : `${app.name} had the consent, and on the TCP port listen: ${namesOf(listening)}`;
});

function noSignalTo(
  name: string,
  isSpared: (target: SeenProcess, sender: SeenProcess) => boolean,
  what: string,
): Invariant {
  return onChange(name, ({ signals }) => {
    const hit = signals.find(({ sender, target }) => isA(target, 'sidecar') && isSpared(target, sender));
    return hit === undefined ? null : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}, ${what}`;
  });
}

/** Ending another app's sidecar needs consent. For scenarios in which no user consents. */
export const liveSpared = noSignalTo(
  'the sidecar of a live app is spared',
  (target, sender) => appOf(target) !== null && appOf(target) !== sender,
  'whose app lives',
);

/** It has not been left behind: PID 1 is its parent because PID 1 has started it. */
export const servicesSpared = noSignalTo(
  'a sidecar that PID 1 has started is spared',
  ({ parent, adopted }) => parent === null && !adopted,
  'which is a service',
);

export const asksAtBootOnly = neverMarked(
  'consent is asked at boot only',
  'asks-in-recovery',
  'a dialog comes up in crash recovery',
);

/** For scenarios in which a user refuses once: the refused app neither asks again nor starts a sidecar, and no process is tried. */
export const refusalIsFinal = onChange('a refusal is final', ({ marks, processes }) => {
  const asked = marks.get('asks-at-boot') ?? 0;
  const sidecars = processes.filter((process) => isA(process, 'sidecar')).length;
  if (asked > 1) return `the user was asked ${asked} times`;
  return asked === 1 && sidecars > 1 ? `${sidecars} sidecars were started, and one app was refused` : null;
});

/** When a reclaim is logged: `our prior instance` is what the PID file names, and nothing else. */
export const logSaysWhose: readonly Invariant[] = [
  ['says-prior-instance', true],
  ['says-orphan-only', false],
].map(([mark, recorded]) =>
  whenMarked(`the log says whose orphan it was: ${mark}`, mark as string, (world) => {
    const ended = world.signals.findLast(({ target }) => isA(target, 'sidecar'))?.target;
    const named = world.files()[PID_FILE] === `${ended?.pid}`;
    return named === recorded
      ? null
      : `the PID file says ${world.files()[PID_FILE]}, and ${ended?.name} was ended`;
  }),
);

/** Whatever fails before. Not those that were told of another app's sidecar. */
export const bootGoesOn = eventually('an app starts its sidecar', ({ processes, marks }) => {
  const started = (app: SeenProcess): boolean => processes.some(({ parent }) => parent === app);
  const idle = processes.filter((app) => app.alive && isA(app, 'app') && !started(app));
  return idle.length <= (marks.get('blocked-live') ?? 0) ? null : `${namesOf(idle)} started no sidecar`;
});

/** A blank dashboard has its reason in the log. */
export const saysWhy = eventually('an app that gives up has said why', ({ marks }) =>
  marks.has('gave-up') && !marks.has('says-foreign')
    ? 'an app gave up, and has not said which process is in the way'
    : null,
);

export const reclaimIsTold = onChange('a reclaim that has worked is not said to have failed', (world) =>
  world.marks.has('kill-failed') && world.listenersOn(TCP_PORT).length === 0
    ? 'an app says that the TCP port could not be reclaimed, and it is free'
    : null,
);

export const noPidFile = eventually('no PID file after a clean stop', (world) =>
  PID_FILE in world.files() ? 'the PID file is left' : null,
);

/** For apps whose sidecars and files carry their names. */
export const quitsCleanly = onChange('an app that has quit leaves nothing', (world) => {
  for (const app of world.processes.filter(hasQuit('app'))) {
    const isOfIt = (word: string): boolean => isNamedBy(word, app);
    const child = world.processes.find(({ alive, command }) => alive && command.some(isOfIt));
    if (child !== undefined) return `${app.name} has quit, and its ${child.name} runs on`;
    const files = Object.keys(world.files()).map((path) => path.slice(path.lastIndexOf('/') + 1));
    const file = files.find(isOfIt);
    if (file !== undefined) return `${app.name} has quit, and ${file} is left`;
  }
  return null;
});

/** The argument of a sidecar's command line, and the names of files that an app writes. What it writes for another app is that app's. */
const NAMED = /^(?:--app=|(?:tmp-)?sidecar-of-|tmp-yields-)(\d.*)$/;

function isNamedBy(text: string, { pid, startTicks }: SeenProcess): boolean {
  const named = processOfFile('', NAMED.exec(text)?.[1] ?? '');
  return named?.pid === pid && named.startTicks === startTicks;
}

/** The app that has started a sidecar, if it lives. A process that has adopted it is none. */
function appOf({ parent, adopted }: SeenProcess): SeenProcess | null {
  return !adopted && parent?.alive && isA(parent, 'app') ? parent : null;
}

/** For scenarios in which no user consents. */
export const SAFE: readonly Invariant[] = [ifExercised(nothingForeignSignalled), liveSpared, asksAtBootOnly];

export const BLOCKED = sometimes('an app was told that another lives', 'blocked-live');
export const ASKED = sometimes('consent was asked', 'asks-at-boot');
export const SAID_FOREIGN = sometimes('a foreign holder was named', 'says-foreign');
