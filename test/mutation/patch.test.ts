import { describe, expect, it } from 'vitest';
import { applyPatch, MutantError, type Patch } from '../../src/mutation/index.ts';

const SOURCE = `const first = 1;

export function look(pids: readonly number[]): void {
  // Each of them, but not us.
  for (const pid of pids) {
    if (pid === self.pid) continue;
    kill(
      pid, // a process
      'SIGTERM',
    );
  }
  return stop(pids);
}
`;

function patch(from: string, to = ''): Patch {
  return { name: 'look/not-us', module: 'model/look.ts', from, to, writtenIn: 'protocol/look.diff:2' };
}

function patched(from: string, to = ''): string {
  return applyPatch(patch(from, to), SOURCE);
}

function messageFor(from: string): string {
  try {
    return `accepted: ${patched(from)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(MutantError);
    return (error as Error).message;
  }
}

describe('a patch', () => {
  it('replaces text, and leaves the rest as it is', () => {
    expect(patched('pid === self.pid', 'false')).toBe(SOURCE.replace('pid === self.pid', 'false'));
  });

  it('removes text', () => {
    expect(patched('if (pid === self.pid) continue;')).toBe(
      SOURCE.replace('if (pid === self.pid) continue;', ''),
    );
  });

  it.each([
    ['line breaks', 'for (const pid of pids)\n{ if (pid === self.pid)\n\ncontinue; kill(pid'],
    ['white space', 'for(const pid of pids){if(pid===self.pid)continue;kill(pid'],
    ['comments', 'void { for (const pid of pids) { if (pid === self.pid) continue; kill(pid'],
    ['a comma before a bracket', "kill(pid, 'SIGTERM');"],
    ['a comma before a bracket, in the patch', "if (pid === self.pid,) continue; kill(pid, 'SIGTERM',);"],
  ])('is found whatever there is of %s', (_, from) => {
    expect(patched(from, 'HERE')).toContain('HERE');
  });

  it.each([
    ['a part of a word', 'kil('],
    ['a part of a word at the end', 'retur'],
    ['two words for one', 'con tinue'],
    ['one word for two', 'constpid'],
    ['a pattern', 'for .* pids'],
  ])('is not found in %s', (_, from) => {
    expect(messageFor(from)).toContain('0 times');
  });

  it('leaves the numbers of the lines after a statement as they are', () => {
    const lineOf = (text: string): number =>
      text.split('\n').findIndex((line) => line.includes('return stop'));
    expect(lineOf(patched("kill(pid, 'SIGTERM');"))).toBe(lineOf(SOURCE));
    expect(lineOf(patched("kill(pid, 'SIGTERM');", 'end(pid);\nend(pid);'))).toBe(lineOf(SOURCE));
  });

  it('ends no statement that goes on in the next line', () => {
    const source = 'if (first)\n  return second;\n';
    expect(applyPatch(patch('if (first) return', 'return'), source)).toBe('return second;\n');
  });

  it('that is not in the source: says where its beginning is, and where to change the patch', () => {
    expect(messageFor('if (pid === self.pid || others) continue;')).toBe(
      `the mutant look/not-us replaces text that is in src/model/look.ts 0 times; accepted: exactly once.
  - if (pid === self.pid || others) continue;
Line 6 is the same up to "pid": if (pid === self.pid) continue;
Change it in protocol/look.diff:2.`,
    );
  });

  it('that is there twice: says where', () => {
    expect(messageFor('pids)')).toBe(
      `the mutant look/not-us replaces text that is in src/model/look.ts 2 times; accepted: exactly once.
  - pids)
It is in lines 5, 12.
Change it in protocol/look.diff:2.`,
    );
  });

  it('that has no beginning there', () => {
    expect(messageFor('spawn(pid);')).toBe(
      `the mutant look/not-us replaces text that is in src/model/look.ts 0 times; accepted: exactly once.
  - spawn(pid);
Change it in protocol/look.diff:2.`,
    );
  });

  it('takes no time that grows with the comments', () => {
    const source = `start(${'/* a */ // b /* c */\n'.repeat(2_000)}\n`;
    expect(() => applyPatch(patch('start(end)'), source)).toThrow('0 times');
  });
});
