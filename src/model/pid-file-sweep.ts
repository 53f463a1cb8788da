import { isSystemError, type Ports, type Self } from '../ports/index.ts';
import { fateOf, infoOf, type Origin } from './identity.ts';

/** The prefix of a file that is being written. The name also contains its writer, so that a sweep finds it after a crash. */
const TEMPORARY = 'tmp-';
/** kernel.pid_max has seven digits; a start time of fifteen digits is a safe integer. */
const NAME = /^([1-9]\d{0,9})\.(\d{1,15})\.([^.]+)\.([^.]+)\.(.+)$/;
const PID_ONLY = /^[1-9]\d{0,9}$/;

/**
 * The name of a file that belongs to one process: PID, start time, boot, PID namespace and host, so that no other process
 * ever has the same name. Once the process is gone, its file can be unlinked at any time: a process that was given the same PID
 * has another file name. (If the name had only the PID, that process would lose its file.)
 */
export function processFileName(prefix: string, { pid, startTicks, ...where }: Origin): string {
  const place = [where.bootId, where.pidNamespace, where.hostname].map(wordOf);
  return `${prefix}${pid}.${startTicks}.${place.join('.')}`;
}

/** The process to which a file belongs; `null` if the name has another form. */
export function processOfFile(prefix: string, name: string): Origin | null {
  if (!name.startsWith(prefix)) return null;
  const [, pid, startTicks, bootId, pidNamespace, hostname] = NAME.exec(name.slice(prefix.length)) ?? [];
  if (pid === undefined) return null;
  try {
    return {
      pid: Number(pid),
      startTicks: Number(startTicks),
      bootId: decodeURIComponent(bootId!),
      pidNamespace: decodeURIComponent(pidNamespace!),
      hostname: decodeURIComponent(hostname!),
    };
  } catch {
    // An invalid percent escape: not one of our names.
    return null;
  }
}

/** Escapes dots and slashes. */
function wordOf(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}

/** Writes or replaces the file of a process (default: the caller). Readers never see it incomplete. */
export async function writeProcessFile(
  { fs }: Pick<Ports, 'fs'>,
  directory: string,
  prefix: string,
  text: string,
  self: Self,
  of: Origin = self,
): Promise<void> {
  const temporary = `${directory}/${processFileName(`${TEMPORARY}${prefix}`, self)}`;
  await fs.writeFile(temporary, text);
  await fs.rename(temporary, `${directory}/${processFileName(prefix, of)}`);
}

export interface SweepOptions {
  directory: string;
  /** The parts of file names before the PID, one for each kind of file. */
  prefixes: readonly string[];
  /**
   * Also removes files that have only a PID in their name, if no process has that PID. Sound only if such files are no longer
   * written: otherwise the PID may be given to a process that writes one between the check and the unlink.
   */
  pidOnly?: boolean;
}

/**
 * Removes the files of processes that are gone. Keeps files of other hosts and PID namespaces, and files whose process cannot be
 * inspected. Concurrent and repeated sweeps are safe; a missing directory counts as empty. Never throws.
 *
 * @returns the names of the files removed by this sweep
 */
export async function sweepProcessFiles(
  ports: Pick<Ports, 'fs' | 'process'>,
  { directory, prefixes, pidOnly = false }: SweepOptions,
  self: Self,
): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await namesIn(directory, ports)) {
    const prefix = prefixes.find((one) => name.startsWith(one) || name.startsWith(`${TEMPORARY}${one}`));
    if (prefix === undefined || !(await isStale(name, prefix, pidOnly, self, ports))) continue;
    if (await unlinks(`${directory}/${name}`, ports)) removed.push(name);
  }
  return removed;
}

async function isStale(
  name: string,
  prefix: string,
  pidOnly: boolean,
  self: Self,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  const owner = processOfFile(prefix, name) ?? processOfFile(`${TEMPORARY}${prefix}`, name);
  try {
    if (owner !== null) return (await fateOf(owner, self, ports)) === 'dead';
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!pidOnly || !PID_ONLY.test(rest)) return false;
    const info = await infoOf(Number(rest), ports);
    return info === null || info.state === 'zombie';
  } catch (error) {
    // It exists, but we may not inspect it (hidepid).
    if (isSystemError(error)) return false;
    throw error;
  }
}

async function namesIn(directory: string, { fs }: Pick<Ports, 'fs'>): Promise<string[]> {
  try {
    return await fs.readdir(directory);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** `false` if another sweep was faster, it is not a file, or it may not be removed. The next sweep tries again. */
async function unlinks(path: string, { fs }: Pick<Ports, 'fs'>): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
