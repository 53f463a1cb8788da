/** Hooks and servers on our identities: a file is named by the very process, and a server writes down which session it serves. */
import {
  findHost,
  isGone,
  type Origin,
  processFileName,
  scanForOrphans,
  sweepProcessFiles,
  writeProcessFile,
} from '../../../model/index.ts';
import type { Ports, ProcessInfo, Program, Self } from '../../../ports/index.ts';
import { orElse, parseAny } from '../../vocabulary/index.ts';
import { isClaude, isServer, log, PREFIX, STATE, seesMark, suspectLine } from '../setup.ts';

/** A file of a server of that name says which session it serves. */
const SERVER = 'server-';
/** No session nests so deep: where there are more processes, no session is above. */
const MAX_HOPS = 64;

export interface OursOptions {
  directory: string;
  isHost(info: Pick<ProcessInfo, 'command'>): boolean;
  isServer(info: Pick<ProcessInfo, 'command'>): boolean;
  /** How often a server looks whether its session lives, restores lost files, sweeps and scans. */
  everyMs: number;
  report(ports: Ports, line: string): Promise<void>;
}

export const OURS: OursOptions = {
  directory: STATE,
  isHost: isClaude,
  isServer,
  everyMs: 2_000,
  report: log,
};

interface ServerRecord {
  readonly session: string;
  readonly host: Origin;
}

/** Writes which session it is: under the name of that very process. */
export function hook({ directory, isHost }: OursOptions): Program {
  return async (ports, [session = '']) => {
    const self = await ports.process.self();
    const host = await findHost(self, ports, { isHost, maxHops: MAX_HOPS });
    // The session has ended already.
    if (typeof host === 'string') return 0;
    const write = async (): Promise<void> => {
      await ports.fs.mkdir(directory, { recursive: true });
      await writeProcessFile(ports, directory, PREFIX, session, self, originOf(host, self));
    };
    // A failure must not keep a session from starting. Its server will write the file.
    await orElse(write(), undefined);
    return 0;
  };
}

/** A session's server: `server MARKER SESSION`. Ends with its session, even when it was adopted. */
export function server(options: OursOptions): Program {
  return async (ports, argv) => {
    const self = await ports.process.self();
    const host = await findHost(self, ports, { isHost: options.isHost, maxHops: MAX_HOPS });
    if (typeof host === 'string') return 0;
    const record: ServerRecord = { session: argv.at(-1) ?? '', host: originOf(host, self) };
    const reported = new Set<string>();
    for (;;) {
      if (await isGone(host, ports)) break;
      // A full disk: the next time.
      await orElse(tidy(ports, self, record, options, reported), undefined);
      await ports.clock.sleep(options.everyMs);
    }
    await sweep(ports, self, options);
    return 0;
  };
}

async function tidy(
  ports: Ports,
  self: Self,
  record: ServerRecord,
  options: OursOptions,
  reported: Set<string>,
): Promise<void> {
  const { directory } = options;
  await ports.fs.mkdir(directory, { recursive: true });
  await keep(ports, directory, SERVER, JSON.stringify(record), self, self);
  await keep(ports, directory, PREFIX, record.session, self, record.host);
  await sweep(ports, self, options);
  await siblings(ports, self, record, options);
  const hostOf = (of: ProcessInfo): Promise<Origin | null> => hostNamedBy(ports, directory, of, self);
  for (const { server, why } of await scanForOrphans(ports, self, {
    ...{ isServer: options.isServer, isHost: options.isHost },
    ...{ maxHops: MAX_HOPS, hostOf },
  })) {
    const name = `${server.pid}.${server.startTicks}`;
    if (why === 'too-deep' || reported.has(name)) continue;
    reported.add(name);
    await options.report(ports, suspectLine({ server, why }));
    ports.mark('suspect', { pid: server.pid });
  }
}

async function sweep(ports: Ports, self: Self, { directory }: OursOptions): Promise<void> {
  const prefixes = [PREFIX, SERVER];
  const removed = await sweepProcessFiles(ports, { directory, prefixes, pidOnly: true }, self);
  if (removed.length > 0) ports.mark('reaped', { files: removed.length });
}

/** Marks the servers of other sessions that live. They are told apart by process, so an id may be wrong. */
async function siblings(
  ports: Ports,
  self: Self,
  own: ServerRecord,
  { directory }: OursOptions,
): Promise<void> {
  for (const name of await ports.fs.readdir(directory)) {
    if (!name.startsWith(SERVER)) continue;
    const other = parseRecord(await ports.fs.readIfThere(`${directory}/${name}`));
    if (other === null || nameOf(other.host) === nameOf(own.host)) continue;
    ports.mark(name === processFileName(SERVER, self) ? 'phantom' : 'sibling', { id: other.session });
    ports.mark(seesMark(own.session, other.session));
  }
}

/** Writes a file if it is not there as it should be. */
async function keep(
  ports: Ports,
  directory: string,
  prefix: string,
  text: string,
  self: Self,
  of: Origin,
): Promise<void> {
  if ((await ports.fs.readIfThere(`${directory}/${processFileName(prefix, of)}`)) === text) return;
  await writeProcessFile(ports, directory, prefix, text, self, of);
}

async function hostNamedBy(
  ports: Ports,
  directory: string,
  server: ProcessInfo,
  self: Self,
): Promise<Origin | null> {
  const path = `${directory}/${processFileName(SERVER, originOf(server, self))}`;
  return parseRecord(await ports.fs.readIfThere(path))?.host ?? null;
}

function originOf({ pid, startTicks }: ProcessInfo, { bootId, pidNamespace, hostname }: Self): Origin {
  return { pid, startTicks, bootId, pidNamespace, hostname };
}

function nameOf(host: Origin): string {
  return processFileName('', host);
}

/** Null if it is gone, torn or hostile. */
function parseRecord(text: string | null): ServerRecord | null {
  const { session, host } = parseAny<Partial<ServerRecord>>(text ?? '') ?? {};
  const { pid, startTicks, bootId, pidNamespace, hostname } = host ?? ({} as Partial<Origin>);
  if (!Number.isInteger(pid) || !Number.isInteger(startTicks)) return null;
  const words = [session, bootId, pidNamespace, hostname];
  return words.every((word) => typeof word === 'string') ? ({ session, host } as ServerRecord) : null;
}
