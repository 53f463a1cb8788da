import { processOfFile } from '../../model/index.ts';
import { always, eventually, type World } from '../../scenario/index.ts';
import { PID_FILE, TCP_PORT } from './setup.ts';

type Process = World['processes'][number];

/** While any app lives, one sidecar listens and runs, and the app that started it lives. */
export const monitorServes = eventually('one sidecar of a live app serves', (world) => {
  if (!world.processes.some(({ name, alive }) => alive && name.startsWith('app#'))) return null;
  const listening = world.listenersOn(TCP_PORT);
  const sidecars = listening.filter(isSidecar);
  const [only] = sidecars;
  if (only === undefined || sidecars.length > 1) return `on the TCP port listen: ${namesOf(listening)}`;
  if (only.state !== 'running') return `${only.name} listens, and is ${only.state}`;
  return appOf(only) === null ? `${only.name} serves, and its app is gone` : null;
});

/** The user has said so. */
export const consenterServes = eventually('who has the consent gets the TCP port', (world) => {
  const [app] = world.processes.filter(({ name, alive, command }) => {
    return alive && name.startsWith('app#') && command.includes('consents');
  });
  const listening = world.listenersOn(TCP_PORT);
  return app === undefined || listening.some(({ parent }) => parent === app)
    ? null
    : `${app.name} had the consent, and on the TCP port listen: ${namesOf(listening)}`;
});

/** Whoever wants to end another's sidecar needs consent. For scenarios in which nobody consents. */
export const liveSpared = always(
  'the sidecar of a live app is spared',
  ({ signals }) => {
    const hit = signals.find(({ sender, target }) => {
      const owner = isSidecar(target) ? appOf(target) : null;
      return owner !== null && owner !== sender;
    });
    return hit === undefined
      ? null
      : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}, whose app lives`;
  },
  { when: 'change' },
);

/** Nobody has left it behind: PID 1 is its parent because PID 1 has started it. */
export const servicesSpared = always(
  'a sidecar that PID 1 has started is spared',
  ({ signals }) => {
    const hit = signals.find(({ target }) => isSidecar(target) && target.parent === null && !target.adopted);
    return hit === undefined
      ? null
      : `${hit.sender.name} sent ${hit.signal} to ${hit.target.name}, which is a service`;
  },
  { when: 'change' },
);

export const asksAtBootOnly = always(
  'consent is asked at boot only',
  ({ marks }) => (marks.has('asks-in-recovery') ? 'a dialog comes up in crash recovery' : null),
  { when: 'change' },
);

/** A blank dashboard has its reason in the log. */
export const saysWhy = eventually('whoever gives up has said why', ({ marks }) =>
  marks.has('gave-up') && !marks.has('says-foreign')
    ? 'an app gave up, and has not said who is in the way'
    : null,
);

export const reclaimIsTold = always(
  'a reclaim that has worked is not said to have failed',
  (world) =>
    world.marks.has('kill-failed') && world.listenersOn(TCP_PORT).length === 0
      ? 'an app says that the TCP port could not be reclaimed, and it is free'
      : null,
  { when: 'change' },
);

export const noPidFile = eventually('no PID file after a clean stop', (world) =>
  PID_FILE in world.files() ? 'the PID file is left' : null,
);

/** It has ended by itself, as it does only when it is asked to. For apps whose sidecars and files bear their names. */
export const quitsCleanly = always(
  'an app that has quit leaves nothing',
  (world) => {
    for (const app of world.processes.filter(hasQuit)) {
      const isOfIt = (word: string): boolean => isNamedBy(word, app);
      const child = world.processes.find(({ alive, command }) => alive && command.some(isOfIt));
      if (child !== undefined) return `${app.name} has quit, and its ${child.name} runs on`;
      const files = Object.keys(world.files()).map((path) => path.slice(path.lastIndexOf('/') + 1));
      const file = files.find(isOfIt);
      if (file !== undefined) return `${app.name} has quit, and ${file} is left`;
    }
    return null;
  },
  { when: 'change' },
);

export function hasQuit({ name, exitCode }: Process): boolean {
  return name.startsWith('app#') && exitCode === 0;
}

/** The word of a sidecar's command line, and the names of files that an app writes. What it writes of another is the other's. */
const NAMED = /^(?:--app=|(?:tmp-)?sidecar-of-|tmp-yields-)(\d.*)$/;

function isNamedBy(text: string, { pid, startTicks }: Process): boolean {
  const named = processOfFile('', NAMED.exec(text)?.[1] ?? '');
  return named?.pid === pid && named.startTicks === startTicks;
}

export const nobodySignalled = always(
  'nobody is signalled',
  ({ signals: [first] }) =>
    first === undefined ? null : `${first.sender.name} sent ${first.signal} to ${first.target.name}`,
  { when: 'change' },
);

/** The app that has started a sidecar, if it lives. Who has adopted it is none. */
function appOf({ parent, adopted }: Process): Process | null {
  return !adopted && parent !== null && parent.alive && parent.name.startsWith('app#') ? parent : null;
}

function isSidecar({ name }: Process): boolean {
  return name.startsWith('sidecar#');
}

function namesOf(processes: readonly Process[]): string {
  return processes.length === 0 ? 'none' : processes.map(({ name }) => name).join(', ');
}
