// What the pull request states of its parsers: it knows a process by what lsof and ps print.
import { describe, expect, it } from 'vitest';
import { parseFirstPid, parsePsLine } from '../../src/systems/closedloop/programs/tools.ts';
import { MARKER } from '../../src/systems/closedloop/setup.ts';

describe('lsof -t', () => {
  it.each([
    ['4711\n', 4_711],
    ['4711', 4_711],
    ['  4711  \n\n', 4_711],
    ['4711\r\n4712\r\n', 4_711],
    ['4711\n4712\n4713\n', 4_711],
    ['\n\nlsof: WARNING: no pwd entry\n4711\n', 4_711],
    ['0\n-5\n4711\n', 4_711],
    ['', null],
    ['\n \n', null],
    ['lsof: WARNING', null],
  ])('%j: the first PID is %j', (text, pid) => {
    expect(parseFirstPid(text)).toBe(pid);
  });
});

describe('ps', () => {
  const COMMAND = `node /app/${MARKER}`;

  it.each([
    ['a line', `  501     1 ${COMMAND}\n`],
    ['no newline at its end', `501 1 ${COMMAND}`],
    ['newlines around it', `\n\n  501 1 ${COMMAND}\n\n`],
    ['CRLF', `501 1 ${COMMAND}\r\n`],
    ['the rest folded onto other lines', `  501     1 ${COMMAND}\n--port 4820\n      --more\n`],
    ['another process on the next line', `501 1 ${COMMAND}\n0 40 sshd\n`],
  ])('%s: the first line counts', (_, text) => {
    expect(parsePsLine(50, text)).toEqual({ pid: 50, uid: 501, ppid: 1, command: COMMAND });
  });

  it.each(['', '\n', '501', '501 1', '501 1 \n', 'no such process', 'root 1 node'])(
    '%j is no line',
    (text) => {
      expect(parsePsLine(50, text)).toBeNull();
    },
  );

  it('what is folded before the marker is not seen', () => {
    expect(parsePsLine(50, `501 1 node\n/app/${MARKER}`)?.command).toBe('node');
  });
});
