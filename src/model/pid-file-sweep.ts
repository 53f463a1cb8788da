import { isSystemError, type Ports, type Self } from '../ports/index.ts';
import { fateOf, infoOf, type Origin } from './identity.ts';

/** Of a file that is being written. It bears its writer's name too, so that the sweep finds what a crash leaves. */
const TEMPORARY = 'tmp-';
/** kernel.pid_max has seven digits; fifteen of a start time are a safe integer. */
const NAME = /^([1-9]\d{0,9})\.(\d{1,15})\.([^.]+)\.([^.]+)\.(.+)$/;
const PID_ONLY = /^[1-9]\d{0,9}$/;

/**
 * The name of a file that belongs to one process: PID, start time, boot, PID namespace and host. No other process ever has
 * the same one. So whoever finds the process gone may unlink the file at any later time: a process that is given the PID
 * meanwhile has a file of another name. (With the PID alone in the name it would lose its file.)
 */
export function processFileName(prefix: string, { pid, startTicks, ...where }: Origin): string {
  const place = [where.bootId, where.pidNamespace, where.hostname].map(wordOf);
  return `${prefix}${pid}.${startTicks}.${place.join('.')}`;
}

/** Whose file that is; null: not a name of this form. */
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
    // A percent sign that stands for nothing: not one of ours.
    return null;
  }
}

/** A word without dots or slashes. */
function wordOf(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}

/** Writes, or writes again, the file of a process, itself unless said otherwise. Whoever reads it finds it whole. */
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
  /** What the names of its kinds of files begin with, before the PID. */
  prefixes: readonly string[];
  /**
   * Also removes files of names that have a PID only, if no process bears it. Sound only where nobody writes such files any
   * more: between the look and the unlink the PID may be given to a process that does.
   */
  pidOnly?: boolean;
}

/**
 * Removes the files of processes that are gone. Those of other hosts and other PID namespaces stay, and so does what cannot
 * be judged. Many may sweep at once, and again; a directory that is missing is an empty one. Never throws.
 *
 * @returns the names of those removed by this very sweep
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
    // It is there, and we may not look at it (hidepid).
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

/** False: somebody else was faster, or it is no file, or may not be removed. The next sweep tries again. */
async function unlinks(path: string, { fs }: Pick<Ports, 'fs'>): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
