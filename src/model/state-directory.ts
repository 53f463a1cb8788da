/**
 * The directory of the claims. What is in it decides which processes are signalled, so that only its user may write into it: another
 * user could name a victim in a claim, put a symbolic link in our way, or answer as the owner.
 */
import { hasCode, type Ports, type Stat } from '../ports/index.ts';
import { printable } from '../ports/printable.ts';
import { EXIT } from './exit-codes.ts';
import { sync } from './synced.ts';

const WRITABLE_BY_GROUP_OR_OTHERS = 0o022;
const WRITABLE_BY_OTHERS = 0o002;
/** Others may list it, pass through it, and so connect to sockets in it that their umask has left open. */
const OPEN_TO_OTHERS = 0o077;
/** The names of the protocol. */
const OUR_NAME = /^(?:gen|tmp|sock|broker|cert|exempt)-/;
/** Only the owner of a file may rename or remove it there, as in /tmp. */
const STICKY = 0o1000;
const ROOT_UID = 0;

/** The directory cannot be trusted. */
export class UntrustedDirectory extends Error {
  override readonly name = 'UntrustedDirectory';
  /** For `runProgram`. */
  readonly exitCode = EXIT.stateUnusable;
}

/**
 * Makes the state directory if it is missing. Others may do nothing in it, and not write into those above, except for sticky ones. One
 * that they can only read, as `mkdir` makes it, is closed to them, if it has no files but ours: a wrong path must not be changed.
 *
 * @returns its canonical path: children have it in their environment, and other processes search for it there
 * @throws UntrustedDirectory, or a SystemError if it cannot be made or inspected
 */
export async function makeStateDirectory(fs: Ports['fs'], path: string, uid: number): Promise<string> {
  await fs.mkdir(path, { recursive: true, mode: 0o700 });
  const directory = await fs.realpath(path);
  const stat = await fs.lstat(directory);
  const why = reasonAgainst(stat, uid);
  if (why !== null) throw new UntrustedDirectory(`the state directory ${directory} ${why}`);
  for (const above of parentsOf(directory)) {
    const weakness = reasonAgainstAbove(await fs.lstat(above), uid);
    if (weakness === null) continue;
    throw new UntrustedDirectory(`the state directory ${directory} can be replaced: ${above} ${weakness}`);
  }
  if ((stat.mode & OPEN_TO_OTHERS) !== 0) await closeToOthers(fs, directory, stat.mode);
  return directory;
}

/** Whether only its user can write into a directory that is not ours, but that of another daemon. */
export async function isPrivate(fs: Ports['fs'], path: string, uid: number): Promise<boolean> {
  return reasonAgainst(await fs.lstat(path), uid) === null;
}

async function closeToOthers(fs: Ports['fs'], directory: string, mode: number): Promise<void> {
  const strange = (await fs.readdir(directory)).find((name) => !OUR_NAME.test(name));
  if (strange !== undefined)
    throw new UntrustedDirectory(
      `the state directory ${directory} is open to others (its mode is ${mode.toString(8)}), and has other files, such as ${printable(strange)}: use another one, or make its mode 700`,
    );
  await fs.chmod(directory, mode & ~OPEN_TO_OTHERS);
}

function reasonAgainst({ kind, uid: of, mode }: Stat, uid: number): string | null {
  if (kind !== 'directory') return `is a ${kind}: a directory is required`;
  if (of !== uid)
    return `belongs to user ${of}, and this is user ${uid}: each user must have a state directory of its own`;
  if ((mode & WRITABLE_BY_GROUP_OR_OTHERS) === 0) return null;
  return `can be written by others (its mode is ${mode.toString(8)}): nothing in it can be trusted. Make a new one with mode 700`;
}

function reasonAgainstAbove({ uid: of, mode }: Stat, uid: number): string | null {
  if (of !== uid && of !== ROOT_UID) return `belongs to user ${of}`;
  if ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return null;
  return `can be written by others (its mode is ${mode.toString(8)})`;
}

/** Syncs the directories above, so that its name is on the disk. */
export async function syncAbove(fs: Ports['fs'], directory: string): Promise<void> {
  for (const above of parentsOf(directory)) {
    try {
      await sync(fs, above);
    } catch (error) {
      // We may pass through it, but not read it: then others have made it, and what is in it.
      if (!hasCode(error, 'EACCES')) throw error;
    }
  }
}

/** From the nearest to the root. */
function parentsOf(directory: string): string[] {
  const parents: string[] = [];
  for (let path = directory; path !== '' && path !== '/'; ) {
    path = path.slice(0, path.lastIndexOf('/'));
    parents.push(path === '' ? '/' : path);
  }
  return parents;
}
