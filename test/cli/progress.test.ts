/** What a check says on stderr while it works. */
import { expect, test } from 'vitest';
import { ProgressLine } from '../../src/cli/progress.ts';

function said(isTTY: boolean, options: ConstructorParameters<typeof ProgressLine>[1]): string {
  let text = '';
  const stream = { isTTY, columns: 80, write: (part: string) => (text += part) };
  const line = new ProgressLine(stream as unknown as NodeJS.WriteStream, options);
  line.done({ id: 'a/b/good', ok: true, verdict: 'passed', violations: [] });
  const invariant = 'one owner\u001b[31m';
  line.done({ id: 'a/b/bad', ok: false, verdict: 'violated', violations: [{ invariant } as never] });
  line.done({ id: 'a/b/fixed', ok: false, verdict: 'passed', violations: [] });
  return text;
}

test('in a log, a line for each scenario that is not as expected', () => {
  const lines = said(false, { of: 3 }).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^a\/b\/bad: violated: one owner.* \(2\/3 scenarios\)$/);
  expect(lines[0]).not.toContain('\u001b');
  expect(lines[1]).toBe('a/b/fixed: not violated, which was expected (3/3 scenarios)');
});

test('none of these lines with --quiet, for a single scenario, or on a terminal', () => {
  expect(said(false, { of: 3, quiet: true })).toBe('');
  expect(said(false, { of: 1 })).toBe('');
  expect(said(true, { of: 3 })).not.toContain('violated');
});
