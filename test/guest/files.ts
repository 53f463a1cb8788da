/** Files of programs, on the disk. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes files into a new folder below another one. @returns the new folder */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(folder, 'f-'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}
