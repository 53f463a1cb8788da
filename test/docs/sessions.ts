// Runs the snippets and the sessions of the documentation: a session must print what its page shows.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { builtPackage } from '../cli/build.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGE = await builtPackage();
/** What `npx` finds. */
const TOOLS: Readonly<Record<string, string>> = {
  'one-survivor': join(PACKAGE, 'dist/cli/main.js'),
  vitest: join(ROOT, 'node_modules/vitest/vitest.mjs'),
};

/** A reader's project, in which all of a page's files lie and all of its commands run. */
const project = mkdtempSync(join(tmpdir(), 'one-survivor-docs-'));
mkdirSync(join(project, 'node_modules'));
symlinkSync(PACKAGE, join(project, 'node_modules/one-survivor'), 'dir');
for (const peer of ['vitest', 'fast-check'])
  symlinkSync(join(ROOT, 'node_modules', peer), join(project, 'node_modules', peer), 'dir');
afterAll(() => rmSync(project, { recursive: true, force: true }));

interface Block {
  page: string;
  language: string;
  /** The file that a snippet is to be saved as. */
  file: string | undefined;
  text: string;
}

export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const blocks: Block[] = PAGES.flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(\w*) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, file, text]) => ({ page, language: language!, file: file || undefined, text: text! }),
  ),
);
const snippets = blocks.filter(({ language }) => language === 'js');
/** Programs that do not end by themselves: they are saved, for the sessions. */
const programs = blocks.filter(({ language }) => language === 'javascript');
const sessions = blocks.filter(({ language }) => language === 'console');

for (const { file, text } of [...snippets, ...programs])
  if (file !== undefined) writeFileSync(join(project, file), text);

/** A line of a page stands for any that has its parts in order: `…` is whatever a page leaves out. */
function patternOf(line: string): RegExp {
  const parts = line.trimEnd().split('…');
  return new RegExp(
    parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ {2,}/g, ' +')).join('.*'),
  );
}

function wordsOf(command: string): string[] {
  const words = command.match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^'(.*)'$/, '$1'));
}

/** A test is run by vitest; one that a session runs may fail there, and says how. */
function commandOf(file: string): string[] | null {
  if (!file.endsWith('.test.mjs')) return [file];
  return sessions.some(({ text }) => text.startsWith(`$ npx vitest run ${file}\n`))
    ? null
    : [TOOLS.vitest!, 'run', file];
}

/** Tests for these pages. A file of any page may be used by a session. */
export function testPages(pages: readonly string[]): void {
  const isWanted = ({ page }: Block): boolean => pages.includes(page);

  it('has something to run', () => {
    expect(snippets.filter(isWanted).length).toBeGreaterThan(0);
    expect(sessions.filter(isWanted).length).toBeGreaterThan(0);
  });

  it.each(snippets.filter(isWanted))('$page: $file runs', async ({ file, page }) => {
    expect(file, `a snippet of ${page} has no file name`).toBeDefined();
    const command = commandOf(file!);
    if (command === null) return;
    const { exitCode, stderr } = await execa(process.execPath, command, { cwd: project, reject: false });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it.each(sessions.filter(isWanted))(
    '$page: the session prints what the page shows: $text',
    async ({ text, page }) => {
      const [first = '', ...shown] = text.trimEnd().split('\n');
      const [prompt, runner, tool = '', ...args] = wordsOf(first);
      expect(prompt, `a session of ${page} begins with ${first}`).toBe('$');
      // A file of the page, or a command.
      if (runner !== 'node') expect([runner, Object.hasOwn(TOOLS, tool)]).toEqual(['npx', true]);
      const script = runner === 'node' ? tool : TOOLS[tool]!;
      const { stdout, stderr } = await execa(process.execPath, [script, ...args], {
        cwd: project,
        reject: false,
        env: { NO_COLOR: '1', FORCE_COLOR: undefined },
      });
      // vitest tells of failures on its stderr.
      const printed = `${stdout}${tool === 'vitest' ? `\n${stderr}` : ''}`.split('\n');
      let at = 0;
      for (const line of shown.filter((line) => line.trim() !== '')) {
        const pattern = patternOf(line);
        const found = printed.findIndex((text, i) => i >= at && pattern.test(text));
        expect(
          found,
          `${line}\n  is not in what ${first} prints (from line ${at + 1}):\n${stdout}`,
        ).toBeGreaterThanOrEqual(0);
        at = found + 1;
      }
    },
  );
}
