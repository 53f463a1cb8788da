import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedScenario } from '../report/index.ts';
import type { Target } from './scenarios.ts';

/**
 * Where a reader finds a scenario: the file that exports it, from the root of the repository on GitHub Actions or else
 * from here, and the line of its id.
 *
 * @returns undefined for one that comes with this package: it is in none of the reader's files
 */
export function sourceOf({ scenario, url, builtIn = false }: Target): CheckedScenario['source'] {
  if (builtIn || !url.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  const root = process.env.GITHUB_WORKSPACE || process.cwd();
  try {
    const line = lineOf(scenario.id, readFileSync(path, 'utf8'));
    return { file: relative(root, path).split(sep).join('/'), line };
  } catch {
    // It was there when it was imported; an annotation is not worth a failure.
    return undefined;
  }
}

/**
 * The line of a scenario in the text of its file, from 1 on: that of its id in quotes; of an id that is put together
 * elsewhere, the first line that makes or exports a scenario.
 */
export function lineOf(id: string, text: string): number {
  const lines = text.split(/\r\n|[\r\n]/);
  const quoted = ["'", '"', '`'].map((quote) => `${quote}${id}${quote}`);
  const named = (line: string): boolean => quoted.some((words) => line.includes(words));
  const tests = [
    (line: string) => named(line) && /\bid\b/.test(line),
    named,
    (line: string) => /\bscenario\(/.test(line),
    (line: string) => /^\s*(?:export\b|module\.exports)/.test(line),
  ];
  const at = tests.map((test) => lines.findIndex(test)).find((found) => found >= 0);
  return (at ?? 0) + 1;
}
