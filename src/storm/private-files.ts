/**
 * In a mount namespace of one's own: everything that is written to files from now on is seen by this namespace only. Each folder of `/` is
 * overlaid by one in memory, with what is mounted below it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Written } from './files.ts';

/** It is mounted anew, so what is written to shared memory is private too. */
const MEMORY = '/dev/shm';
const BELOW = `${MEMORY}/.one-survivor`;
/** What is no place for files. */
const NOT_FILES = new Set(['proc', 'sys', 'dev']);
const PSEUDO =
  /^(?:proc|sysfs|devtmpfs|devpts|cgroup2?|mqueue|bpf|tracefs|debugfs|securityfs|pstore|configfs|fusectl|hugetlbfs|binfmt_misc|autofs|nsfs|rpc_pipefs|efivarfs|selinuxfs)$/;
const MOST_MOUNTS = 40;

export interface PrivateFiles {
  /** Where what is written lies. */
  readonly written: readonly Written[];
  /** Folders in which files are still those of all. */
  readonly shared: readonly string[];
}

/** @returns `null` if there can be none here */
export function makePrivate(): PrivateFiles | null {
  if (!existsSync(MEMORY) || !mount(['-t', 'tmpfs', 'tmpfs', MEMORY])) return null;
  mkdirSync(BELOW, { mode: 0o700 });
  const written: Written[] = [];
  const shared: string[] = [];
  const inner = mountsBelow();
  // Before anything covers them.
  const kept = inner.map(({ path }, i) => {
    const at = join(BELOW, `mount${i}`);
    mkdirSync(at);
    return mount(['--bind', path, at]) ? at : null;
  });
  const overlay = (lower: string, path: string): void => {
    const own = join(BELOW, String(written.length + shared.length));
    const [up, work] = [join(own, 'up'), join(own, 'work')];
    for (const folder of [own, up, work]) mkdirSync(folder);
    const options = `lowerdir=${lower},upperdir=${up},workdir=${work}`;
    const done = ['', ',userxattr'].some((more) =>
      mount(['-t', 'overlay', 'overlay', '-o', `${options}${more}`, path]),
    );
    if (done) written.push({ at: up, path });
    else shared.push(path);
  };
  for (const folder of topFolders()) overlay(folder, folder);
  inner.forEach(({ path }, i) => {
    if (kept[i] === null) shared.push(path);
    else if (existsSync(path)) overlay(kept[i]!, path);
  });
  if (written.length === 0) return null;
  return { written, shared };
}

function topFolders(): string[] {
  return readdirSync('/')
    .filter((name) => !NOT_FILES.has(name) && lstatSync(join('/', name)).isDirectory())
    .map((name) => join('/', name))
    .filter((path) => !/[,:\\\s]/.test(path));
}

/** Folders with files of their own that are mounted below a folder of `/`, the outer ones first. */
function mountsBelow(): { readonly path: string }[] {
  const paths = new Map<string, string>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const fields = line.split(' ');
    const path = fields[4];
    const type = fields[fields.indexOf('-') + 1];
    if (path === undefined || type === undefined || /[,:\\\s]/.test(path)) continue;
    const [, top = ''] = path.split('/');
    if (path === '/' || NOT_FILES.has(top) || path === `/${top}`) continue;
    if (PSEUDO.test(type)) continue;
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) paths.set(path, type);
  }
  return [...paths.keys()]
    .sort((a, b) => a.length - b.length)
    .slice(0, MOST_MOUNTS)
    .map((path) => ({ path }));
}

function mount(args: readonly string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
