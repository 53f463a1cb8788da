import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedScenario } from '../report/index.ts';
import type { Thrown } from '../scenario/index.ts';
import type { Target } from './scenarios.ts';

/**
 * The location of a scenario: the file that exports it, relative to the root of the repository on GitHub Actions and otherwise to
 * the working directory, and the line of its ID. If an exception ended its check, the location where it was thrown.
 *
 * @returns undefined for a built-in scenario, which is not in the user's files
 */
export function sourceOf(
  { scenario, url, builtIn = false }: Target,
  error?: Thrown,
): CheckedScenario['source'] {
  if (builtIn || !url.startsWith('file:')) return undefined;
  if (error !== undefined && error.stack === undefined && error.file !== null && error.line !== null)
    return { file: fromRoot(error.file), line: error.line };
  const path = fileURLToPath(url);
  try {
    const line = lineOf(scenario.id, readFileSync(path, 'utf8'));
    return { file: fromRoot(path), line };
  } catch {
    // The file was removed after it was imported. An annotation is not worth a failure.
    return undefined;
  }
}

function fromRoot(path: string): string {
  const root = process.env.GITHUB_WORKSPACE || process.cwd();
  return relative(root, path).split(sep).join('/');
}

/**
 * The line of a scenario in the text of its file, counted from 1: the line with its quoted ID, or if the ID is computed, the first
 * line that makes or exports a scenario.
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
