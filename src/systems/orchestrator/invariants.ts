/** What must hold of sessions, of their files, and of what they learn about each other and about orphans. */
import { processOfFile } from '../../model/index.ts';
import { eventually, type Invariant, oneSurvivor, sometimes, type World } from '../../scenario/index.ts';
import { neverMarked, type SeenProcess } from '../vocabulary/index.ts';
import { CHANNEL, isClaude, isServer, LOG, PREFIX, type Row, STATE, seesMark } from './setup.ts';

/** How a system names the file of a session. */
export interface Naming {
  /** Whether a name is of such a file. */
  isOne(name: string): boolean;
  isOf(name: string, session: SeenProcess): boolean;
}

/** `active-session-PID` */
export const BY_PID: Naming = {
  isOne: (name) => /^active-session-\d+$/.test(name),
  isOf: (name, { pid }) => name === `${PREFIX}${pid}`,
};

/** By PID, start time, boot, namespace and host. */
export const BY_IDENTITY: Naming = {
  isOne: (name) => name.startsWith(PREFIX),
  isOf: (name, { pid, startTicks, pidNamespace }) => {
    const owner = processOfFile(PREFIX, name);
    return owner?.pid === pid && owner.startTicks === startTicks && owner.pidNamespace === pidNamespace;
  },
};

export function noStaleFile({ isOne, isOf }: Naming): Invariant {
  return eventually('no file of a session that has ended', (world) => {
    const sessions = sessionsOf(world);
    const stale = namesIn(STATE, world).filter(
      (name) => isOne(name) && !sessions.some((session) => isOf(name, session)),
    );
    return stale.length === 0 ? null : `${stale.length} files are left: ${stale.join(', ')}`;
  });
}

/** What a process had begun to write when it ended. */
export const noLitter = eventually('no litter of ended processes', (world) => {
  const litter = namesIn(STATE, world).find((name) => {
    const [, of = ''] = /^tmp-[a-z-]+-(\d.*)$/.exec(name) ?? [];
    const owner = processOfFile('', of);
    const writes = ({ alive, pid, startTicks }: SeenProcess) =>
      alive && pid === owner?.pid && startTicks === owner.startTicks;
    return owner !== null && !world.processes.some(writes);
  });
  return litter === undefined ? null : `${litter} is left`;
});

/** @param served only sessions whose server lives: no other process writes a lost file again */
export function liveKeepsFile({ isOf }: Naming, { served = false } = {}): Invariant {
  return eventually('a live session keeps its file', (world) => {
    const names = namesIn(STATE, world);
    const servers = serversOf(world);
    const without = sessionsOf(world).find(
      (session) =>
        !names.some((name) => isOf(name, session)) &&
        (!served || servers.some(({ parent }) => parent === session)),
    );
    return without === undefined ? null : `${without.name} (PID ${without.pid}) lives, and its file is gone`;
  });
}

/** @param before how many stale files there are when the run begins */
export function reapsLogged(before: number): Invariant {
  return eventually('the log counts the files that were removed', (world) => {
    const lines = (world.files()[LOG] ?? '').matchAll(/^reaped (\d+) stale session files$/gm);
    const logged = [...lines].reduce((sum, [, files]) => sum + Number(files), 0);
    const ended = world.processes.filter((each) => !each.alive && !each.foreign && isClaude(each)).length;
    return logged === before + ended ? null : `it says ${logged}, and ${before + ended} are gone`;
  });
}

export const noPhantom = neverMarked(
  'no session sees itself as another',
  'phantom',
  'a server reports its own row as a sibling session',
);

/** Others would find it by its row. */
export const registeredUnderOwnId = eventually('a live session is registered under its own id', (world) => {
  const files = world.files();
  const wrong = sessionsOf(world).find(({ command: [, id = ''] }) => {
    const text = files[`${CHANNEL}/${id}`];
    if (text === undefined || text === null) return true;
    const { serverPid } = JSON.parse(text) as Row;
    return !world.processes.some(
      ({ alive, pid, command }) => alive && pid === serverPid && command.at(-1) === id,
    );
  });
  return wrong === undefined ? null : `${wrong.name} is ${wrong.command[1]}, and no row of its own says so`;
});

/** Sessions of which the servers live. */
export const siblingsSeen = eventually('live sessions are told of each other', (world) => {
  const servers = serversOf(world);
  const sessions = sessionsOf(world)
    .filter((session) => servers.some(({ parent }) => parent === session))
    .map(({ command: [, id = ''] }) => id);
  for (const session of sessions) {
    const other = sessions.find((id) => id !== session && !world.marks.has(seesMark(session, id)));
    if (other !== undefined) return `${session} has not been told of ${other}, which lives`;
  }
  return null;
});

/** A session starts one server and never another: two would be two writers of its row. One that was killed stays away. */
export const oneServerPerSession = oneSurvivor({
  of: 'the servers of each session',
  among: (world) => serversBySession(world).find(({ length }) => length > 1) ?? [],
  unless: (world) => serversBySession(world).every(({ length }) => length <= 1),
});

/** A session that is PID 1 of a container also adopts servers of others: it has not started them. */
function serversBySession(world: World): SeenProcess[][] {
  const servers = serversOf(world).filter(({ adopted }) => !adopted);
  return sessionsOf(world).map((session) => servers.filter(({ parent }) => parent === session));
}

export const orphansReported = eventually('an orphan is reported', (world) => {
  const reported = reportedIn(world);
  const orphan = serversOf(world).find((server) => isOrphan(server) && !reported.has(server.pid));
  return orphan === undefined ? null : `${orphan.name} (PID ${orphan.pid}) is an orphan, and is not reported`;
});

export const noneReportedWrongly = eventually('no server of a live session is reported', (world) => {
  const reported = reportedIn(world);
  const session = sessionsOf(world).find(({ pid }) => reported.has(pid));
  if (session !== undefined)
    return `${session.name} (PID ${session.pid}) is no server at all, and is reported`;
  const wrong = serversOf(world).find((server) => !isOrphan(server) && reported.has(server.pid));
  return wrong === undefined
    ? null
    : `${wrong.name} (PID ${wrong.pid}) serves a live session, and is reported`;
});

function sessionsOf({ processes }: World): SeenProcess[] {
  return processes.filter((process) => process.alive && !process.foreign && isClaude(process));
}

function serversOf({ processes }: World): SeenProcess[] {
  return processes.filter((process) => process.alive && !process.foreign && isServer(process));
}

/** Of its ancestors, up to a session, one has ended. A process that has adopted it is none of its ancestors. */
function isOrphan(server: SeenProcess): boolean {
  for (let at = server; !isClaude(at); at = at.parent) {
    if (at.adopted || at.parent === null) return true;
  }
  return false;
}

/** The PIDs that {@link LOG} reports, each with a line that says why, and what to do. */
export function reportedIn(world: World): Set<number> {
  const lines = (world.files()[LOG] ?? '').matchAll(
    /^(\d+) (host-gone|no-host-above|too-deep): .*kill \1$/gm,
  );
  return new Set([...lines].map(([, pid]) => Number(pid)));
}

/** What a session has of the sidecar: from the first embedding on, for as long as it lives. */
export const embeddingsLast = neverMarked(
  'a live session keeps its embeddings',
  'embeddings-lost',
  'a session asks the sidecar for an embedding, and there is no answer',
);

/** One for all, as large as it is; and it is the one that the port file names. */
export const oneSidecar = oneSurvivor({ of: 'the sidecar', among: 'sidecar' });

/** A session talks to one of its servers, and the other ends, or is ended. */
export const keepsServer = neverMarked(
  'a session keeps the server that it talks to',
  'server-lost',
  'the server that a session talks to has ended, and the session lives',
);

function namesIn(directory: string, world: World): string[] {
  const prefix = `${directory}/`;
  return Object.keys(world.files())
    .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
    .map((path) => path.slice(prefix.length));
}

export const REAPED = sometimes('a stale file was reaped', 'reaped');
export const SUSPECT = sometimes('a suspect was reported', 'suspect');
export const SIBLING = sometimes('a sibling was seen', 'sibling');
