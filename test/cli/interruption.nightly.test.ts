import { describe, expect, test } from 'vitest';
import { type Json, onceSaid, project, start } from './run.ts';

/** Runs a command, and interrupts it once it has said this. */
async function interrupted(
  args: readonly string[],
  said: RegExp,
): Promise<{ code: number | undefined; out: string }> {
  const ended = start(project(), args);
  onceSaid(ended.stderr!, said, () => ended.kill('SIGINT'));
  const { exitCode, stdout } = await ended;
  return { code: exitCode, out: String(stdout) };
}

describe.each(['1', '2'])('check with %s threads, interrupted', (workers) => {
  const check = (file: string, ...more: string[]) => [
    'check',
    file,
    '--seed',
    '1',
    '--no-record',
    '--workers',
    workers,
    ...more,
  ];

  test('before the first run', async () => {
    const { code, out } = await interrupted(check('loads-slowly.mjs', 'passes.mjs', '--json'), /it loads/);
    expect(code).toBe(130);
    const left = ['fixture/sound/loads-slowly', 'fixture/sound/passes'];
    expect(JSON.parse(out)).toMatchObject({ interrupted: true, ok: false, scenarios: [], left });
    const shown = await interrupted(check('loads-slowly.mjs'), /it loads/);
    expect(shown.code).toBe(130);
    expect(shown.out).toContain('nothing was checked');
    expect(shown.out).toContain('interrupted: results so far');
  });

  test('while what each thread has found is being shrunk: the smallest so far', async () => {
    const each = new RegExp(`(it shrinks[\\s\\S]*){${workers}}`);
    const { code, out } = await interrupted(check('shrinks-slowly.mjs', '--json'), each);
    expect(code).toBe(130);
    const report: Json = JSON.parse(out);
    expect(report).toMatchObject({ interrupted: true, ok: false });
    expect(report.scenarios).toHaveLength(Number(workers));
    expect(report.left).toEqual(workers === '1' ? ['fixture/broken/shrinks-too'] : []);
    for (const { verdict, violations } of report.scenarios) {
      expect(verdict).toBe('violated');
      expect(violations).toMatchObject([{ invariant: 'the log stays short', cutShort: 'interrupted' }]);
    }
    const shown = await interrupted(check('shrinks-slowly.mjs'), each);
    expect(shown.out).toContain('note: shrinking was cut short: interrupted');
  });
});

test('explore, interrupted', async () => {
  const args = ['explore', 'explores-long.mjs', '--contenders', '4', '--preemptions', '1000'];
  const { code, out } = await interrupted([...args, '--json'], /it has begun/);
  expect(code).toBe(130);
  expect(JSON.parse(out)).toMatchObject({
    interrupted: true,
    complete: false,
    scenarios: [{ verdict: 'inconclusive', reason: 'interrupted' }],
  });
  const shown = await interrupted(args, /it has begun/);
  expect(shown.out).toContain('not complete');
  expect(shown.out).toContain('interrupted: results so far');
});
