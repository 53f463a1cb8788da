/** Makes the files that are there when a run begins. */
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Tree } from '../script.ts';
import { Refusal } from './difference.ts';
import type { Names } from './names.ts';

/** @throws Refusal for what cannot be there before a process has made it */
export function plant(tree: Tree, names: Names): void {
  const { root } = names;
  mkdirSync(root, { mode: 0o755 });
  chmodSync(root, 0o755);
  for (const [path, { kind, mode, uid, gid, same, content }] of Object.entries(tree)) {
    const at = root + path;
    if (same !== path) linkSync(root + same, at);
    else if (kind === 'directory') mkdirSync(at);
    else if (kind === 'file') writeFileSync(at, Buffer.from(content!, 'latin1'));
    else if (kind === 'symlink') symlinkSync(content!.startsWith('/') ? root + content : content!, at);
    else throw new Refusal(`the scenario begins with a ${kind} at ${path}, which only a process can make`);
    if (kind === 'symlink' || same !== path) continue;
    if (names.realUid(uid) !== process.getuid!()) chownSync(at, names.realUid(uid), names.realUid(gid));
    chmodSync(at, mode);
  }
}
