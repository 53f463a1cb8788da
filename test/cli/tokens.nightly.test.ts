// The commands that maintain recorded tokens, in a project whose program changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TokenStore } from '../../src/project/token-store.ts';
import { json, project, run } from './run.ts';

const READS_CONFIG = "await ports.fs.readFile('/etc/gate').catch(() => {});";

/** The program of violates.mjs with an operation more, or with the guard that it lacks. */
const CHANGES = {
  readsConfig: (text: string) => text.replace('const owned', `${READS_CONFIG}\n  const owned`),
  guarded: (text: string) =>
    text.replace("'/lock', '');", "'/lock', '', { flag: 'wx' }).catch(() => ports.process.exit(0));"),
};

function change(cwd: string, how: (text: string) => string): void {
  const file = join(cwd, 'violates.mjs');
  const text = readFileSync(file, 'utf8');
  expect(how(text)).not.toBe(text);
  writeFileSync(file, how(text));
}

describe('one-survivor tokens', () => {
  it('updates a token after a harmless change, lists it after the fix, and prunes it', async () => {
    const cwd = project();
    await run(cwd, ['check', 'violates.mjs', '--seed', '1']);
    const [before] = new TokenStore(cwd).tokens;

    change(cwd, CHANGES.readsConfig);
    const dry = await run(cwd, ['tokens', 'update', 'violates.mjs', '--dry-run']);
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('would be updated')]);
    const updated = await run(cwd, ['tokens', 'update', 'violates.mjs']);
    expect([updated.code, updated.out, updated.err]).toEqual([0, expect.stringContaining('1 updated'), '']);
    const [after, ...more] = new TokenStore(cwd).tokens;
    expect([more.length, after!.invariant]).toEqual([0, before!.invariant]);
    expect(after!.file).not.toBe(before!.file);
    const again = await json(cwd, ['check', 'violates.mjs', '--runs', '1', '--strict']);
    expect(again.data).toMatchObject({
      recorded: { outdated: 0 },
      scenarios: [{ violations: [{ token: after!.token }] }],
    });

    change(cwd, CHANGES.guarded);
    const lost = await json(cwd, ['tokens', 'update', 'violates.mjs']);
    expect(lost.code).toBe(1);
    expect(lost.data).toMatchObject({
      ...{ command: 'update', dryRun: false, ok: false, interrupted: false },
      tokens: [
        { status: 'not found', file: after!.file, scenario: 'fixture/broken/violates', token: after!.token },
      ],
    });
    expect((await run(cwd, ['tokens', 'prune', 'violates.mjs'])).out).toMatch(/removed\n[\s\S]*1 removed/);
    expect(new TokenStore(cwd).tokens).toEqual([]);
    expect((await run(cwd, ['tokens', 'update', 'violates.mjs'])).out).toBe('there are no recorded tokens');
  });

  it('leaves tokens of other scenarios alone, and says so', async () => {
    const cwd = project();
    await run(cwd, ['check', 'violates.mjs', '--seed', '1']);
    for (const command of ['update', 'prune']) {
      const { code, out } = await run(cwd, ['tokens', command, 'passes.mjs']);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/violates: .*not loaded[\s\S]*1 not loaded\nNot loaded: left alone/),
      ]);
    }
    expect(new TokenStore(cwd).tokens).toHaveLength(1);
  });

  it('complains of what it does not know', async () => {
    const cwd = project();
    const unknown = await run(cwd, ['tokens', 'forget']);
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    expect((await run(cwd, ['tokens', 'update', 'nothing.mjs'])).code).toBe(2);
    const help = await run(cwd, ['tokens', 'update', '--help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('Exit codes:')]);
  });
});
