import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { candidatesFor } from '../../src/cli/completion/candidates.ts';
import { SCRIPTS } from '../../src/cli/completion/scripts.ts';
import { programOf } from '../../src/cli/program.ts';
import { inFolder } from './folder.ts';

const SOURCES = {
  scenarios: async (_: string, builtin: boolean) =>
    builtin ? ['model/naive/cold-start'] : ['mine/lock/starts', 'mine/lock/crash'],
  strategies: async () => ['portfolio', 'pos'],
};

const complete = (...words: string[]) =>
  candidatesFor(
    programOf(() => {}),
    words,
    SOURCES,
  );

describe('what may follow', () => {
  test.each([
    [['ch'], ['check']],
    [['check', '--re'], ['--reporter']],
    [['check', '--seed', '1', '--se'], []],
    [['check', '--reporter', 'json', '--rep'], ['--reporter']],
    [
      ['check', '--reporter', 'j'],
      ['json', 'junit'],
    ],
    [
      ['check', '--strategy', 'p'],
      ['portfolio', 'pos'],
    ],
    [['check', '--seed', ''], []],
    [['check', '--config', ''], []],
    [['check', 'mine/lock/s'], ['mine/lock/starts']],
    [['check', '--builtin', ''], ['model/naive/cold-start']],
    [['explore', 'mine/lock/c'], ['mine/lock/crash']],
    [
      ['mutants', '--of', ''],
      ['protocol', 'checker'],
    ],
    [['replay', ''], []],
    [['replay', '--format', 'm'], ['mermaid']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['list', '--h'], ['--help']],
    [['no-command', 'x'], []],
  ])('%j', async (words, candidates) => {
    expect(await complete(...words)).toEqual(candidates);
  });

  test('all commands, but not the hidden one', async () => {
    const commands = await complete('');
    expect(commands).toEqual(expect.arrayContaining(['check', 'explore', 'completion', 'help']));
    expect(commands).not.toContain('complete');
  });

  test('every option of every command', async () => {
    for (const command of programOf(() => {}).commands) {
      const longs = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long);
      expect(await complete(command.name(), '-')).toEqual(expect.arrayContaining(longs));
    }
  });
});

test('bash asks for what may follow the words before the cursor, and completes', async () => {
  const folder = inFolder();
  writeFileSync(
    join(folder, 'one-survivor'),
    "#!/bin/sh\nprintf '%s\\n' \"$@\" > asked\nprintf 'json\\njunit\\n'\n",
    {
      mode: 0o755,
    },
  );
  const script = `${SCRIPTS.bash}
COMP_WORDS=(one-survivor check --reporter j after); COMP_CWORD=3; _one_survivor
printf '%s ' "\${COMPREPLY[@]}"; cat asked`;
  const { stdout } = await execa('bash', ['-c', script], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  expect(stdout.split('\n')).toEqual(['json junit complete', '--', 'check', '--reporter', 'j']);
});

test.each(Object.entries(SCRIPTS))('the script of %s names the command that it asks', (shell, script) => {
  expect(script).toContain('one-survivor complete --');
  expect(script).toContain(`one-survivor completion ${shell}`);
});
