/** What orchestrator's pull request 8 reports and promises: stale files, orphans, and the phantom sibling. */
import { processOfFile } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import type { Site } from '../../real/confined/index.ts';
import type { RealProcess } from '../../real/index.ts';
import { AFTER, AFTER_CHANNEL } from '../../systems/orchestrator/after.ts';
import { BEFORE } from '../../systems/orchestrator/before.ts';
import { OURS, hook as ourHook, server as ourServer } from '../../systems/orchestrator/ours/server.ts';
import { server } from '../../systems/orchestrator/programs/server.ts';
import { PROGRAMS as SESSIONS } from '../../systems/orchestrator/programs/sessions.ts';
import { LOG, MARKER, PREFIX, STATE } from '../../systems/orchestrator/setup.ts';
import { onSlowDisk } from '../../systems/vocabulary/index.ts';
import { exitCodesOf, marks } from '../looks.ts';
import type { Measured, Row, RowVariant, Table, VariantName } from '../table.ts';

/** Found in one project on one day. */
const STALE_FILES = 8;
/** So late writes the hook of a busy machine. */
const HOOK_LATE_MS = 3_000;
const SESSION_MS = 3_600_000;

type Programs = Readonly<Record<string, Program>>;
const ours: Programs = { ...SESSIONS, hook: ourHook(OURS), server: ourServer(OURS) };
const PROGRAMS: Readonly<Record<VariantName, Programs>> = {
  before: { ...SESSIONS, server: BEFORE },
  after: { ...SESSIONS, server: AFTER },
  ours,
};

/** A hook that is slower than its server. */
function slowHook(programs: Programs): Programs {
  return { ...programs, hook: onSlowDisk(programs.hook!, HOOK_LATE_MS, 'writeFile') };
}

/** Its server is there, has done what it does at its start, and waits for its next turn. */
async function sessionUp(site: Site, session: RealProcess, turns = 1): Promise<void> {
  const server = () => site.alive('server').find(({ ppid }) => ppid === session.pid);
  const waits = (): number => {
    const found = server();
    const lines = found === undefined ? undefined : site.traceOf(found)?.lines;
    return lines?.filter(({ op }) => op === 'sleep').length ?? 0;
  };
  // A sleep is in the trace when it is over.
  await site.until('its server has begun', () => waits() >= turns);
}

/** The sessions that have files: PIDs. */
function pidsOfFiles(site: Site): number[] {
  return site
    .names(STATE)
    .flatMap(
      (name) => processOfFile(PREFIX, name)?.pid ?? Number(/^active-session-(\d+)$/.exec(name)?.[1] ?? []),
    );
}

async function staleFiles(site: Site, starts: number): Promise<Measured> {
  const gone = await site.startAtOnce(starts, 'claude brief');
  const pids = gone.map(({ pid }) => pid);
  await site.until('each session has its file', () => pids.every((pid) => pidsOfFiles(site).includes(pid)));
  await site.until('each session has its server', () => site.alive('server').length === starts);
  // A server on our protocol tidies up behind its session, so it goes first.
  for (const server of site.alive('server')) site.signal(server, 'SIGKILL');
  for (const session of gone) session.signal('SIGKILL');
  await site.until('all sessions have ended', () => site.alive().length === 0);
  site.write(`${STATE}/notes`, 'of the user');
  site.write(`${STATE}/${PREFIX}0`, 'not of a process');
  const there = pidsOfFiles(site).filter((pid) => pids.includes(pid)).length;
  const last = await site.start('claude last');
  await sessionUp(site, last);
  await site.until('its hook has written', () => pidsOfFiles(site).includes(last.pid));
  const left = pidsOfFiles(site).filter((pid) => pids.includes(pid)).length;
  // On our protocol it is not logged.
  const reaped = Number(/^reaped (\d+) /m.exec(site.read(LOG) ?? '')?.[1] ?? 0);
  const lost = ['notes', `${PREFIX}0`].filter((name) => !site.names(STATE).includes(name));
  return {
    value: `${left} of ${there} left, ${reaped} reaped`,
    fault:
      left > 0
        ? `${left} files of dead sessions are left`
        : lost.length > 0
          ? `${lost.join()} is gone`
          : null,
    numbers: { left, reaped, othersGone: lost.length },
  };
}

async function orphan(site: Site): Promise<Measured> {
  const old = await site.start(`oldclaude ${SESSION_MS}`);
  await site.until('its server runs', () => site.alive('oldserver').length === 1);
  const [server] = site.alive('oldserver');
  old.signal('SIGKILL');
  await old.exited;
  const last = await site.start('claude last');
  await sessionUp(site, last);
  const log = site.read(LOG) ?? '';
  const reported = log.split('\n').some((line) => line.startsWith(`${server!.pid} `));
  const alive = site.isAlive(server!);
  return {
    value: `${reported ? 'reported' : 'unseen'}, ${alive ? 'alive' : 'ended'}`,
    fault: reported && alive ? null : 'an orphan runs on, and nothing says so',
    orphans: alive ? 1 : 0,
    numbers: { adopter: site.alive('oldserver')[0]?.ppid ?? 0 },
  };
}

async function emptyDirectory(site: Site): Promise<Measured> {
  const alone = await site.start(`server ${MARKER} alone`);
  await site.until('it has ended', () => alone.ending !== null);
  const signalled = site
    .traces('server')
    .flatMap(({ lines }) => lines.filter(({ op, args }) => op === 'kill' && args.signal !== 0));
  const code = alone.ending?.code ?? alone.ending?.signal;
  return {
    value: `exit ${code}, ${site.names(STATE).length} files`,
    fault: code === 0 && signalled.length === 0 ? null : 'it does something',
    exitCodes: exitCodesOf(site, 'server'),
  };
}

async function phantom(site: Site, _: number, variant: VariantName): Promise<Measured> {
  const session = await site.prepare('claude one');
  site.write(`${STATE}/${PREFIX}${session.pid}`, 'of-old');
  session.go();
  await sessionUp(site, session, variant === 'ours' ? 1 : 2);
  const seen = marks(site, 'phantom', 'server').length > 0;
  return {
    value: seen ? 'sees itself as another session' : 'sees none',
    fault: seen ? 'a session sees itself as another' : null,
    numbers: { drifted: marks(site, 'drifted', 'server').length },
  };
}

function variants(
  documents: Readonly<Record<'before' | 'after', Omit<RowVariant, 'programs'>>>,
): Row['variants'] {
  return {
    before: { ...documents.before, programs: PROGRAMS.before },
    after: { ...documents.after, programs: PROGRAMS.after },
    ours: { programs: PROGRAMS.ours, document: null, expects: 'none' },
  };
}

const ROWS: readonly Row[] = [
  {
    name: 'stale-files',
    about:
      '8 sessions have ended, and another starts: files left, and how many have been removed according to its log',
    starts: STALE_FILES,
    variants: variants({
      before: {
        document: '8 left',
        agrees: (value, starts) => value === `${starts} of ${starts} left, 0 reaped`,
        expects: 'fault',
      },
      after: {
        document: '0 left, 8 reaped',
        agrees: (value, starts) => value === `0 of ${starts} left, ${starts} reaped`,
        expects: 'none',
      },
    }),
    run: staleFiles,
  },
  {
    name: 'orphan',
    about: 'a server of an old version outlives its session, and another session starts',
    variants: variants({
      before: {
        document: 'survived for 30 min, unseen',
        agrees: (value) => value === 'unseen, alive',
        expects: 'fault',
      },
      after: {
        document: 'reported, never ended',
        agrees: (value) => value === 'reported, alive',
        expects: 'none',
      },
    }),
    run: orphan,
  },
  {
    name: 'empty-directory',
    about: 'a server without a directory and without a session',
    variants: variants({
      before: { document: null, expects: 'none' },
      after: {
        document: 'a silent no-op',
        agrees: (value) => value === 'exit 0, 0 files',
        expects: 'none',
      },
    }),
    run: emptyDirectory,
  },
  {
    name: 'phantom-sibling',
    about: 'a file of an earlier process has the PID of a session, whose hook is late: whom its server sees',
    variants: {
      before: {
        programs: slowHook({ ...SESSIONS, server: server({ channel: 'asking' }) }),
        document: '1 sibling session active',
        agrees: (value) => value === 'sees itself as another session',
        expects: 'fault',
      },
      after: {
        programs: slowHook({ ...SESSIONS, server: AFTER_CHANNEL }),
        document: 'none',
        agrees: (value) => value === 'sees none',
        expects: 'none',
      },
      ours: { programs: slowHook(ours), document: null, expects: 'none' },
    },
    run: phantom,
  },
];

export const TABLE: Table = {
  system: 'orchestrator',
  tcpPorts: [],
  rows: ROWS,
  notes: [
    'sessions and servers are stand-ins, and their log is a file',
    'the hook of phantom-sibling is 3 s late, and its file is written before it starts: by chance it happens too rarely',
    'the half hour of the orphan is not waited for: without a report it would be there for ever',
  ],
};
