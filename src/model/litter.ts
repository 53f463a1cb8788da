/** Files that a process makes for itself, and leaves behind if it is killed. Their names say whose they are. */
import { hasCode, type Ports, type ProcessIdentity, type Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { isGone } from './identity.ts';

/** Ends with the place, in those that have one: see {@link placeOf}. */
const NAME = /^(tmp|sock|broker|exempt)-(\d{1,10})-(\d{1,15})-[0-9a-f]+(?:-([0-9a-f]{4})([0-9a-f]{4}))?$/;
/** No start takes as long as this to publish its claim. */
const OLD_MS = 3_600_000;

type Maker = Pick<Claim, 'pid' | 'startTicks' | 'nonce' | 'bootId' | 'pidNamespace'>;

/** Where a claim is written before it is published. */
export function temporaryPath(directory: string, claim: Maker): string {
  return ownFile(directory, 'tmp', claim);
}

/** A name that says whose it is, and where its PID has a meaning. */
export function ownFile(directory: string, kind: 'tmp' | 'exempt', maker: Maker): string {
  return `${directory}/${kind}-${maker.pid}-${maker.startTicks}-${maker.nonce}-${placeOf(maker)}`;
}

/** Only the beginning of the nonce, since the path of a Unix socket is limited to 107 bytes. */
export function socketPath(directory: string, { pid, startTicks }: ProcessIdentity, nonce: string): string {
  return `${directory}/sock-${pid}-${startTicks}-${nonce.slice(0, 8)}`;
}

/** The boot and the PID namespace in which a PID has a meaning, four digits each. */
export function placeOf({ bootId, pidNamespace }: Pick<Self, 'bootId' | 'pidNamespace'>): string {
  return digitsOf(bootId) + digitsOf(pidNamespace);
}

/** FNV-1a: different places have different digits, except for one pair in 65,536, which is judged as if it were one place. */
function digitsOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 16).toString(16).padStart(4, '0');
}

/**
 * Removes the files of processes that have ended. What was made before a restart is litter. A process in another container
 * is not in our process table: its files are litter once they are old.
 */
export async function removeLitter(
  directory: string,
  self: Self,
  ports: Pick<Ports, 'fs' | 'process' | 'clock' | 'probe'>,
  probeTimeoutMs: number,
): Promise<void> {
  for (const name of await namesIn(directory, ports.fs)) {
    const [, kind, pid, startTicks, boot, namespace] = NAME.exec(name) ?? [];
    if (kind === undefined) continue;
    const path = `${directory}/${name}`;
    const place = boot === undefined ? placeOf(self) : `${boot}${namespace}`;
    const isLitter =
      place === placeOf(self)
        ? await isGone({ pid: Number(pid), startTicks: Number(startTicks) }, ports)
        : boot !== digitsOf(self.bootId) || (await isOld(path, ports));
    // Without a place: it may be that of a process in another container.
    if (isLitter && (kind !== 'sock' || !(await isListening(path, ports, probeTimeoutMs))))
      await removeFile(path, ports.fs);
  }
}

async function isOld(path: string, { fs, clock }: Pick<Ports, 'fs' | 'clock'>): Promise<boolean> {
  try {
    return (await clock.wallMs()) - (await fs.lstat(path)).mtimeMs > OLD_MS;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function isListening(
  path: string,
  { probe }: Pick<Ports, 'probe'>,
  timeoutMs: number,
): Promise<boolean> {
  try {
    await probe.connect({ kind: 'unix', path }, timeoutMs);
    return true;
  } catch (error) {
    return !hasCode(error, 'ECONNREFUSED') && !hasCode(error, 'EINVAL') && !hasCode(error, 'ENOTSOCK');
  }
}

/** None if the directory itself is lost. */
export async function namesIn(directory: string, fs: Ports['fs'], prefix?: string): Promise<string[]> {
  try {
    return await fs.readdir(directory, prefix === undefined ? {} : { prefix });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Nothing happens if it is gone, or a directory. */
export async function removeFile(path: string, fs: Ports['fs']): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EISDIR')) throw error;
  }
}
