/** A file that asks the machine for nothing proves nothing. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { nodeProgram } from '../../src/guest/index.ts';
import { always, scenario } from '../../src/scenario/index.ts';
import { writeFiles } from '../guest/files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'idle-')));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  return path.join(writeFiles(folder, { [name]: text }), name);
}

describe('a file that does nothing', () => {
  it('proves nothing, unlike one that does something', async () => {
    const idle = fileOf('idle.js', `module.exports = { start() {} };`);
    const busy = fileOf('busy.js', `require('fs').writeFileSync('/tmp/x', '');`);
    const demands = always('nothing is demanded', () => null);
    const verdictOf = async (file: string) => {
      const whole = scenario({
        ...{ id: 'a/b/c', programs: { program: nodeProgram(file) }, start: [{ program: 'program' }] },
        ...{ invariants: [demands], faultsForMs: 100, settleMs: 100 },
      });
      const { verdict, reason, ok } = await check(whole, { seed: 1, runs: 3 });
      const explored = await explore(whole);
      return { verdict, reason, ok, explored: explored.verdict };
    };
    expect(await verdictOf(busy)).toEqual({ verdict: 'passed', reason: null, ok: true, explored: 'passed' });
    expect(await verdictOf(idle)).toEqual({
      ...{ verdict: 'inconclusive', ok: false, explored: 'inconclusive' },
      reason: expect.stringContaining('program did nothing: its file asked for no file'),
    });
  });
});
