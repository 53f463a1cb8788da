/** For tests that call parts of the command line in this process: a project without packages, and scenarios that are never run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** A folder with these files, as working directory of this process until the test is finished. */
export function inFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  onTestFinished(() => cwd.mockRestore());
  return folder;
}

/** The text of a file that exports scenarios with these ids. */
export function exporting(...ids: string[]): string {
  const parts = "about: '', expects: 'pass', hash: '00', programs: new Map(), invariants: [], faults: {}";
  return ids.map((id, i) => `export const s${i} = Object.freeze({ id: '${id}', ${parts} });`).join('\n');
}
