import { describe, expect, test, vi } from 'vitest';
import { complaintOf } from '../../src/cli/complaint.ts';
import { programOf } from '../../src/cli/program.ts';
import { parseStrategy } from '../../src/cli/strategy.ts';
import { complaint } from './run.ts';

/** What the command prints about its options, without a process of its own: no action begins. */
async function complaintHere(args: readonly string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    await programOf(() => {}).parseAsync(args, { from: 'user' });
  } catch (error) {
    const { text, code } = await complaintOf(error);
    expect(code).toBe(2);
    return `${printed}${text ?? ''}`;
  } finally {
    write.mockRestore();
  }
  throw new Error(`there is no complaint about ${args.join(' ')}`);
}

describe('options', () => {
  test.each([
    [['check', '--seed', 'x'], '--seed got "x"; accepted: a whole number from 0 to 4294967295'],
    [['check', '--seed', '4294967296'], '--seed got "4294967296"'],
    [['check', '--runs', '0'], '--runs got "0"; accepted: a whole number from 1'],
    [['check', '--workers', '-1'], '--workers got "-1"'],
    [['check', '--budget', '30'], '--budget got "30"; accepted: a time above zero, such as 30s, 2m or 500ms'],
    [['check', '--budget', '0s'], '--budget got "0s"'],
    [['check', '--shard', '4/3'], '--shard got "4/3"; accepted: i/n with i from 1 to n, such as 1/3'],
    [
      ['check', '--reporter', 'toml'],
      '--reporter got "toml"; accepted: default, json, junit, sarif, ctrf, html, github, blob',
    ],
    [['check', '--reporter', 'junti'], '--reporter got "junti"; did you mean junit?'],
    [['check', '--grep', '('], '--grep got "("; accepted: a regular expression over ids'],
    [['check', '--wrokers', '2'], "unknown option '--wrokers'\n(Did you mean --workers?)"],
    [
      ['race', '--system', 'mcportr'],
      '--system got "mcportr"; did you mean mcporter? Accepted: openchrome, ',
    ],
    [
      ['race', '--system', 'x'],
      '--system got "x"; accepted: openchrome, claude-mem, mcporter, orchestrator, closedloop',
    ],
    [
      ['race', '--system', 'mcporter', '--variant', 'later'],
      '--variant got "later"; accepted: before, after, ours',
    ],
    [['race', '--variant', 'after'], '--variant is for the race of a system: it needs --system NAME'],
    [['race', '--trials', '2'], '--trials is for the race of a system: it needs --system NAME'],
    [
      ['race', '--system', 'mcporter', '--trials', '0'],
      '--trials got "0"; accepted: a whole number from 1 to 1000',
    ],
    [['race', '--system', 'mcporter', '--rows', 'x'], '--rows got "x"; accepted: some of foreground-x2, '],
    [['race', '--system', 'mcporter', '--starts', '1'], '--system needs at least 2 starts; --starts got 1'],
    [
      ['race', '--system', 'mcporter', '--tcp-port', '50000'],
      '--tcp-port is for the race of the built-in daemon: it does not go with --system',
    ],
    [['chek'], "unknown command 'chek'\n(Did you mean check?)"],
    [['replay'], "missing required argument 'TOKEN'"],
  ])('%j', async (args, text) => {
    expect(await complaintHere(args)).toContain(text);
  });

  test.each([
    ['luck', '--strategy got "luck"; accepted: portfolio, random'],
    ['portfoilo', '--strategy got "portfoilo"; did you mean portfolio?'],
  ])('--strategy %s', (name, text) => {
    expect(() => parseStrategy(name)).toThrow(text);
  });
});

describe('as a process', () => {
  test.each([
    [
      ['check', '--json', '--reporter', 'junit'],
      'stdout takes one report; got junit and json. Send the others to files, such as --reporter junit=FILE',
    ],
    [['check', '\u001b[31mred\u202e'], 'there is no scenario "\\u001b[31mred\\u202e"'],
    [['check', 'nope.mjs'], 'there is no file '],
    [['explore', 'naive/stale-lock'], 'did you mean model/naive/stale-lock'],
  ])('%j', async (args, text) => {
    expect(await complaint(args)).toContain(text);
  });
});
