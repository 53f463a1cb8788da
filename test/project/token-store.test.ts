import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TOKENS_FOLDER } from '../../src/project/folder.ts';
import { OLD_TOKENS_FILE } from '../../src/project/old-tokens.ts';
import { openTokens } from '../../src/project/open-tokens.ts';
import { readRecordedToken, writeRecordedToken } from '../../src/project/recorded-token.ts';
import { TokenStore } from '../../src/project/token-store.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';
import { encodeToken, type NamedLog } from '../../src/schedule/index.ts';

const idle = scenario({
  id: 'fixture/tokens/idle',
  programs: { idle: async () => 0 },
  start: [{ program: 'idle' }],
  invariants: [],
});
const tokenOf = (number: number): string => encodeToken(idle, { ...emptySchedule(), schedule: [number + 1] });
const LOG: NamedLog = {
  idle: ['idle#2'],
  leftOut: [],
  machine: [1, 0],
  actions: [
    { kind: 'step', process: 'idle#1', operation: 'mkdir /state\u001b[31m' },
    { kind: 'time', busy: false },
    { kind: 'time', busy: true },
    { kind: 'fault', fault: 'stop', targets: ['idle#1', 2] },
  ],
};
const SIGNATURE = { message: '@ own at once', pair: ['open /lock', 'stat /lock'] as [string, string] };
const found = (number: number, log: NamedLog | null = LOG) => ({
  ...{ token: tokenOf(number), scenario: idle.id, invariant: 'a rule', log, signature: log && SIGNATURE },
});

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-tokens-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const oldFile = (numbers: readonly number[]): string =>
  JSON.stringify({ version: 1, tokens: numbers.map((n) => ({ token: tokenOf(n), invariant: 'a rule' })) });
const tokensIn = (project: string): string[] =>
  new TokenStore(project).tokens.map(({ token }) => token).toSorted();
const tokensOf = (numbers: readonly number[]): string[] => numbers.map(tokenOf).toSorted();

describe('the file of a recorded token', () => {
  it('reads what it was written from, with an action on each line and no character that a terminal obeys', () => {
    const text = writeRecordedToken(found(1));
    expect(readRecordedToken(text)).toEqual(found(1));
    expect(readRecordedToken(writeRecordedToken(found(1, null)))).toEqual(found(1, null));
    expect(text).toContain('\n      ["fault","stop","idle#1",2]\n');
    expect(text).toContain('\n      ["time"],\n      ["busy time"],\n');
    expect(text).not.toContain('\u001b');
  });

  it.each([
    ['{', /JSON/],
    ['null', /expected object/],
    ['{ "version": 2 }', /expected string/],
    ['{ "version": 1 }', /expected 2/],
    [
      writeRecordedToken(found(1)).replace('fixture/tokens/idle"', 'other/a/b"'),
      /names the scenario "other\/a\/b"/,
    ],
    [writeRecordedToken(found(1)).replace(/:[0-9a-f]{8}"/, ':00000000"'), /checksum/],
    [writeRecordedToken(found(1)).replace('"step"', '"leap"'), /expected "step"|Invalid input/],
  ])('is not read if it is damaged: %s', (text, why) => {
    expect(() => readRecordedToken(text)).toThrow(why);
  });
});

describe('the recorded tokens of a project', () => {
  it('have what was added, once, and know which scenario they are of', () => {
    const project = folder();
    const store = new TokenStore(project);
    expect([store.add([found(1), found(2)]), store.add([found(2), found(3)]), store.add([])]).toEqual([
      2, 1, 0,
    ]);
    const again = new TokenStore(project);
    expect(
      again
        .of(idle)
        .fitting.map(({ token }) => token)
        .toSorted(),
    ).toEqual(tokensOf([1, 2, 3]));
    expect(again.of(idle).fitting[0]!.why).toContain('"a rule"');
    const other = again.of({ id: idle.id, hash: '00000000' });
    expect([other.fitting.length, other.outdated.length]).toEqual([0, 3]);
    expect(again.of({ id: 'other/a/b', hash: idle.hash })).toEqual({ fitting: [], outdated: [] });
    expect(readdirSync(join(project, TOKENS_FOLDER)).every((name) => /^[0-9a-f]{16}\.json$/.test(name))).toBe(
      true,
    );
  });

  it('are committed, and nothing else of the folder is', () => {
    const project = folder();
    new TokenStore(project).add([found(1)]);
    const file = join(project, '.one-survivor/.gitignore');
    expect(readFileSync(file, 'utf8')).toMatch(/^\*\n(!.*\n)*!tokens\/\*\.json\n$/m);
    writeFileSync(file, 'mine');
    new TokenStore(project).add([found(2)]);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('get a log that they do not have yet, and keep the one that they have', () => {
    const project = folder();
    new TokenStore(project).add([found(1, null)]);
    expect(new TokenStore(project).add([found(1)])).toBe(0);
    new TokenStore(project).add([found(1, { ...LOG, actions: [] })]);
    expect(new TokenStore(project).tokens.map(({ log }) => log)).toEqual([LOG]);
  });

  it('name a damaged file and one of a newer version; the others count, and no file is changed', () => {
    const files = {
      [join(TOKENS_FOLDER, 'a.json')]: '<<<<<<< HEAD\n{',
      [join(TOKENS_FOLDER, 'b.json')]: '{ "version": 3, "token": ["os9"] }',
      [join(TOKENS_FOLDER, 'c.json')]: writeRecordedToken(found(1)),
      [join(TOKENS_FOLDER, 'd.json.9.tmp')]: '{ "half',
    };
    const project = folder(files);
    const { tokens, unreadable } = new TokenStore(project);
    expect(tokens.map(({ file }) => file)).toEqual([join(TOKENS_FOLDER, 'c.json')]);
    expect(unreadable.map(({ file }) => file)).toEqual(
      ['a', 'b'].map((name) => join(TOKENS_FOLDER, `${name}.json`)),
    );
    expect(unreadable[0]!.message).toMatch(
      /a\.json cannot be read: .*JSON.*It was not changed: repair it, or delete it/s,
    );
    expect(unreadable[1]!.message).toMatch(
      /b\.json was written by a newer version of one-survivor: it has version 3/,
    );
    new TokenStore(project).add([found(2)]);
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(project, name), 'utf8')).toBe(text);
  });

  it('say that there is no folder to read', () => {
    const { tokens, unreadable } = new TokenStore(folder({ '.one-survivor': 'a file' }));
    expect(tokens).toEqual([]);
    expect(unreadable.map(({ message }) => message)).toEqual([
      expect.stringMatching(/tokens\.json cannot be read: ENOTDIR/),
      expect.stringMatching(/tokens cannot be read: ENOTDIR/),
    ]);
  });
});

describe('the file of an older version', () => {
  it('is moved to a file for each token, which is said once', () => {
    const project = folder({ [OLD_TOKENS_FILE]: oldFile([1, 2]) });
    new TokenStore(project).add([found(2)]);
    expect(tokensIn(project)).toEqual(tokensOf([1, 2]));
    const { store, notes } = openTokens(project, true);
    expect(notes).toEqual([
      expect.stringMatching(/^2 recorded tokens moved from .*tokens\.json to .*tokens, one file each$/),
    ]);
    expect(store.tokens.map(({ token }) => token).toSorted()).toEqual(tokensOf([1, 2]));
    // The one that was recorded anew keeps its log.
    expect(store.tokens.map(({ log }) => log === null).toSorted()).toEqual([false, true]);
    expect(readdirSync(join(project, '.one-survivor')).toSorted()).toEqual(['.gitignore', 'tokens']);
    expect(openTokens(project, true).notes).toEqual([]);
  });

  it('counts and stays where nothing may be written', () => {
    const project = folder({ [OLD_TOKENS_FILE]: oldFile([1]) });
    expect(openTokens(project, false)).toMatchObject({
      notes: [],
      store: { tokens: [{ token: tokenOf(1) }] },
    });
    expect(readdirSync(join(project, '.one-survivor'))).toEqual(['tokens.json']);
  });

  it.each([
    ['{', [], /tokens\.json cannot be read/],
    ['{ "version": 2, "tokens": {} }', [], /tokens\.json was written by a newer version/],
    [oldFile([1, 2]).replace(/:[0-9a-f]{8}"/, ':00000000"'), [2], /checksum/],
  ])('is named and not changed if it is damaged; what can be read counts: %s', (text, left, why) => {
    const project = folder({ [OLD_TOKENS_FILE]: text });
    const { store, notes } = openTokens(project, true);
    expect(notes).toEqual([expect.stringMatching(why)]);
    store.add([found(3)]);
    expect(tokensIn(project)).toEqual(tokensOf([...left, 3]));
    expect(readFileSync(join(project, OLD_TOKENS_FILE), 'utf8')).toBe(text);
  });

  it('is moved by several processes at once without a loss', () => {
    const project = folder({ [OLD_TOKENS_FILE]: oldFile([1, 2, 3]) });
    const [first, second] = [new TokenStore(project), new TokenStore(project)];
    first.add([found(4)]);
    expect([first.moveOld(), second.moveOld()]).toEqual([3, 0]);
    second.add([found(5), found(1)]);
    expect(tokensIn(project)).toEqual(tokensOf([1, 2, 3, 4, 5]));
    expect(readdirSync(join(project, '.one-survivor')).toSorted()).toEqual(['.gitignore', 'tokens']);
  });
});

describe('writers at once', () => {
  it('keep both tokens, 100 times in a row', () => {
    for (let round = 0; round < 100; round++) {
      const project = folder();
      // Each has read the folder before the other writes.
      const [first, second] = [new TokenStore(project), new TokenStore(project)];
      first.add([found(2 * round), found(1_000)]);
      second.add([found(2 * round + 1), found(1_000)]);
      expect(tokensIn(project)).toEqual(tokensOf([2 * round, 2 * round + 1, 1_000]));
    }
  });
});

describe('what a repository may have in the folder of tokens', () => {
  const NAME = `${createHash('sha256').update(tokenOf(1)).digest('hex').slice(0, 16)}.json`;

  it.each([
    ['a named pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdirSync(path)],
    ['a symbolic link', (path: string) => symlinkSync('/dev/zero', path)],
    ['a symbolic link', (path: string) => symlinkSync('outside', path)],
    [
      '67108865 bytes',
      (path: string) => {
        writeFileSync(path, '');
        truncateSync(path, 64 * 1024 * 1024 + 1);
      },
    ],
  ])('%s is named, and neither waited for nor changed', (what, make) => {
    const project = folder({ [join(TOKENS_FOLDER, 'a.json')]: writeRecordedToken(found(2)) });
    make(join(project, TOKENS_FOLDER, NAME));
    make(join(project, OLD_TOKENS_FILE));
    const before = lstatSync(join(project, TOKENS_FOLDER, NAME));
    const { store, notes } = openTokens(project, true);
    expect(notes).toEqual(
      [OLD_TOKENS_FILE, join(TOKENS_FOLDER, NAME)].map((file) => expect.stringContaining(file)),
    );
    for (const note of notes) expect(note).toContain(`it ${what.startsWith('a') ? 'is' : 'has'} ${what}`);
    // The name is taken, so the token gets another one.
    expect(store.add([found(1)])).toBe(1);
    expect(tokensIn(project)).toEqual(tokensOf([1, 2]));
    const after = lstatSync(join(project, TOKENS_FOLDER, NAME));
    expect([after.ino, after.mtimeMs, after.size]).toEqual([before.ino, before.mtimeMs, before.size]);
    expect(readdirSync(join(project, TOKENS_FOLDER))).not.toContain('outside');
  });

  it.each(['<<<<<<< HEAD', '{ "version": 3 }', writeRecordedToken(found(7))])(
    'a file with another content under the name of a token is not replaced: %s',
    (text) => {
      const files = { [join(TOKENS_FOLDER, NAME)]: text, [OLD_TOKENS_FILE]: oldFile([1, 2]) };
      const project = folder(files);
      openTokens(project, true);
      expect(tokensIn(project)).toEqual(expect.arrayContaining(tokensOf([1, 2])));
      const store = new TokenStore(project);
      const two = store.tokens.find(({ token }) => token === tokenOf(2))!;
      rmSync(join(project, store.tokens.find(({ token }) => token === tokenOf(1))!.file));
      const file = new TokenStore(project).replace(two, found(1));
      expect(basename(file)).not.toBe(NAME);
      expect(readFileSync(join(project, TOKENS_FOLDER, NAME), 'utf8')).toBe(text);
      expect(tokensIn(project)).toContain(tokenOf(1));
      expect(tokensIn(project)).not.toContain(tokenOf(2));
    },
  );

  it('a file that changed since it was read is neither replaced nor removed', () => {
    const project = folder();
    const file = join(project, new TokenStore(project).addOne(found(1, null)));
    const store = new TokenStore(project);
    writeFileSync(file, 'mine');
    const [one] = store.tokens;
    store.remove(one!);
    store.add([found(1)]);
    store.replace(one!, found(1));
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(tokensIn(project)).toEqual(tokensOf([1]));
  });

  it('a draft of a process that was killed is removed after a day', () => {
    const draft = (digit: string) => `a.json.${digit.repeat(8)}-1111-1111-1111-${digit.repeat(12)}.tmp`;
    const names = [draft('1'), draft('2'), 'mine.tmp'];
    const project = folder(Object.fromEntries(names.map((name) => [join(TOKENS_FOLDER, name), '{'])));
    const ago = (hours: number) => Date.now() / 1_000 - hours * 3_600;
    for (const [i, name] of names.entries())
      utimesSync(join(project, TOKENS_FOLDER, name), ago(i === 1 ? 23 : 25), ago(i === 1 ? 23 : 25));
    openTokens(project, true);
    expect(readdirSync(join(project, TOKENS_FOLDER))).toHaveLength(3);
    new TokenStore(project).add([found(1)]);
    expect(readdirSync(join(project, TOKENS_FOLDER)).toSorted()).toEqual(
      [NAME, draft('2'), 'mine.tmp'].toSorted(),
    );
  });

  it('a token with a wrong checksum is named without advice for a copied token', () => {
    const text = writeRecordedToken(found(1)).replace(/os1(:.*:)[0-9a-f]{8}"/, 'os2$100000000"');
    const { notes } = openTokens(folder({ [join(TOKENS_FOLDER, NAME)]: text }), false);
    expect(notes).toEqual([
      expect.stringMatching(/checksum does not match\. It was not changed: repair it, or delete it$/),
    ]);
  });
});
