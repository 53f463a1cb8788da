// docs/commands.md has all commands with their options and exit codes, as the command line has them, and so has each --help.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodesOf } from '../../src/cli/commands/exit-codes.ts';
import { programOf } from '../../src/cli/program.ts';
import { commandsPage, leavesOf } from './commands-page.ts';

const PAGE = join(import.meta.dirname, '../../docs/commands.md');
const program = programOf(() => {});
const leaves = leavesOf(program, '');

it('docs/commands.md is as generated: npm run commands', async () => {
  await expect(commandsPage(program)).toMatchFileSnapshot(PAGE);
});

describe.each(leaves)('$name', ({ name, command }) => {
  const page = readFileSync(PAGE, 'utf8');
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const words = help.replace(/\s+/g, ' ');

  it('has exit codes, in its help and in the page', () => {
    const codes = Object.entries(exitCodesOf(command) ?? {});
    expect(codes.length).toBeGreaterThan(1);
    for (const [code, text] of codes) {
      expect(words).toContain(`${code} ${text}`);
      expect(page).toContain(`| ${code} | ${text} |`);
    }
  });

  it('has its options in its help and in the page', () => {
    const [, section = ''] = page.split(`\n## ${name}\n`);
    for (const { flags, hidden } of command.options.filter((option) => !option.hidden)) {
      expect(hidden).toBe(false);
      expect(words).toContain(flags);
      expect(section.split('\n## ')[0]).toContain(`| \`${flags}\` |`);
    }
  });
});
