import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TOKENS_FILE, TokenFile, TokenFileError } from '../../src/project/tokens.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { builtPackage } from '../cli/build.ts';

const idle = scenario({
  id: 'fixture/tokens/idle',
  programs: { idle: async () => 0 },
  start: [{ program: 'idle' }],
  invariants: [],
});
const tokenOf = (number: number): string => encodeToken(idle, { ...emptySchedule(), schedule: [number + 1] });
const found = (number: number) => ({ token: tokenOf(number), invariant: 'a rule' });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-tokens-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the file of recorded tokens', () => {
  it('has what was added, once, and knows which scenario it is of', () => {
    const project = folder();
    const tokens = new TokenFile(project);
    expect([tokens.add([found(1), found(2)]), tokens.add([found(2), found(3)]), tokens.add([])]).toEqual([
      2, 1, 0,
    ]);
    const again = new TokenFile(project).of(idle);
    expect(again.tokens.map(({ token }) => token)).toEqual([1, 2, 3].map(tokenOf));
    expect(again.tokens[0]!.why).toContain('"a rule"');
    const other = new TokenFile(project).of({ ...idle, hash: '00000000' });
    expect(other.tokens).toEqual([]);
    expect(other.note).toMatch(/^3 recorded tokens are of another definition/);
    expect(readdirSync(dirname(join(project, TOKENS_FILE)))).toEqual(['tokens.json']);
  });

  it('loses nothing when several processes write at once', async () => {
    const project = folder();
    const module = join(await builtPackage(), 'dist/project/tokens.js');
    const tokens = Array.from({ length: 4 }, (_, writer) =>
      Array.from({ length: 25 }, (_, i) => tokenOf(writer * 25 + i)),
    );
    const script = `
      import { TokenFile } from ${JSON.stringify(module)};
      const file = new TokenFile('.');
      for (const token of process.argv.slice(1)) file.add([{ token, invariant: 'a rule' }]);`;
    await Promise.all(
      tokens.map((own) =>
        execa(process.execPath, ['--input-type=module', '-e', script, ...own], { cwd: project }),
      ),
    );
    const recorded = new TokenFile(project).of(idle).tokens.map(({ token }) => token);
    expect(recorded.toSorted()).toEqual(tokens.flat().toSorted());
  });

  it.each([-60_000, 60_000])('waits for no dead writer: a lock of %d ms from now', (ms) => {
    const project = folder();
    const lock = `${join(project, TOKENS_FILE)}.lock`;
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, '');
    const at = new Date(Date.now() + ms);
    utimesSync(lock, at, at);
    expect(new TokenFile(project).add([found(1)])).toBe(1);
    expect(readdirSync(dirname(lock))).toEqual(['tokens.json']);
  });

  it('is left as it is when it is damaged', () => {
    const project = folder();
    const path = join(project, TOKENS_FILE);
    mkdirSync(dirname(path), { recursive: true });
    for (const text of [
      '{',
      '{ "version": 2 }',
      '{ "version": 1, "tokens": [{ "token": "x", "invariant": "y" }] }',
    ]) {
      writeFileSync(path, text);
      expect(() => new TokenFile(project)).toThrow(TokenFileError);
      expect(() => new TokenFile(project)).toThrow(
        /^[^\n]* is damaged: [^\n]*\S\. It is left as it is: [^\n]*$/,
      );
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });
});
