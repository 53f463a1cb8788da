import { describe, expect, it } from 'vitest';
import { holdersOf, parseListening } from '../../src/node/holders.ts';
import { bootOffsetS, parseCommandLine, parseStat, parseStatus, stateOf } from '../../src/node/identity.ts';
import { parseLsof, parsePids, parsePs } from '../../src/node/ps.ts';

const REST = '-1 4194304 99 0 0 0 0 0 0 0 20 0 1 0 121275 3133440 394 18446744073709551615';

describe('/proc/self/timens_offsets', () => {
  it.each([
    ['no time namespace', '', 0],
    ['none of its own', 'monotonic           0         0\nboottime            0         0\n', 0],
    ['shifted', 'monotonic           0         0\nboottime      1000000 500000000\n', 1_000_000.5],
    ['shifted back', 'boottime        -5         0\n', -5],
  ])('%s', (_, text, offsetS) => {
    expect(bootOffsetS(text)).toBe(offsetS);
  });
});

describe('/proc/<pid>/stat', () => {
  it.each([
    ['(cat)', 'cat'],
    ['(a b)', 'a b'],
    ['(a) S 1 (b)', 'a) S 1 (b'],
    ['())', ')'],
    ['(x\n1 (y) Z)', 'x\n1 (y) Z'],
    ['()', ''],
  ])('%j', (field, comm) => {
    expect(parseStat(`6811 ${field} R 6803 6802 6068 0 ${REST}\n`)).toEqual({
      pid: 6811,
      comm,
      state: 'R',
      ppid: 6803,
      pgid: 6802,
      sid: 6068,
      startTicks: 121275,
      threads: 1,
    });
  });

  it.each(['', 'garbage', '12 (cut', '12 (cut) R 1 2'])('refuses %j', (text) => {
    expect(() => parseStat(text)).toThrow('not a line of');
  });

  it('states', () => {
    expect([...'RSDItTZXx'].map(stateOf)).toEqual([
      ...['running', 'running', 'running', 'running'],
      ...['running', 'stopped', 'zombie', 'zombie', 'zombie'],
    ]);
  });
});

it('/proc/<pid>/status with any name', () => {
  const text = 'Name:\tUid: 7\\nUid:\t8\nTgid:\t42\nPid:\t43\nUid:\t1000\t1001\t1002\t1003\n';
  expect(parseStatus(text)).toEqual({ uid: 1000, tgid: 42 });
});

it.each([
  ['', []],
  ['\0\0\0', []],
  ['a\0', ['a']],
  ['a\0\0b c\0', ['a', '', 'b c']],
  ['a title of its own\0\0\0\0', ['a title of its own']],
  ['unended', ['unended']],
])('/proc/<pid>/cmdline %j', (text, words) => {
  expect(parseCommandLine(text)).toEqual(words);
});

describe('/proc/net/tcp', () => {
  const HEADER =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

  it('returns only listening sockets, and skips garbage', () => {
    const text = `${HEADER}
   0: 0100007F:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 100 0 0 10 0
   2: 0100007F:C350 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C3
   nonsense
`;
    expect(parseListening(text)).toEqual([
      { host: '127.0.0.1', tcpPort: 50000, uid: 1000, inode: '4711' },
      { host: '0.0.0.0', tcpPort: 80, uid: 0, inode: '4712' },
    ]);
  });

  it('finds the holders: none visible, one, or parent and child', () => {
    const socket = (inode: string) => ({ host: '::', tcpPort: 80, uid: 7, inode });
    const owners = new Map([
      ['2', [20]],
      ['3', [30, 31]],
    ]);
    expect(holdersOf(['1', '2', '3'].map(socket), owners).map(({ pid }) => pid)).toEqual([null, 20, 30, 31]);
  });

  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '::ffff:127.0.0.1'],
    ['B80D0120000000000000000001000000', '2001:db8::1'],
  ])('tcp6 %s', (hex, host) => {
    const line = `   0: ${hex}:C350 ${'0'.repeat(32)}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100`;
    expect(parseListening(HEADER + line)).toEqual([{ host, tcpPort: 50000, uid: 0, inode: '12' }]);
  });
});

describe('ps', () => {
  const STARTED = 'Sat Nov 22 02:43:00 2025';
  const startTicks = Date.UTC(2025, 10, 22, 2, 43) / 10;

  it('finds a line among others, wrapped lines and garbage', () => {
    const text = `
warning: something
   11     1    11   501 Ss   ${STARTED}     /sbin/other
   12    11    10   501 T+   ${STARTED}     node daemon.js --name two  words
12 continued on a second line 12
\r\x00
`;
    expect(parsePs(text, 12)).toEqual({
      pid: 12,
      ppid: 11,
      pgid: 10,
      sid: 10,
      uid: 501,
      startTicks,
      state: 'stopped',
      command: ['node', 'daemon.js', '--name', 'two', 'words'],
    });
    expect(parsePs(text, 13)).toBeNull();
  });

  it('single-digit days, zombies, no command at all', () => {
    expect(parsePs('7 1 7 0 Z Mon Nov  3 01:02:03 2025 (node)', 7)).toMatchObject({
      state: 'zombie',
      command: [],
    });
    expect(parsePs('7 1 7 0 S Mon Nov  3 01:02:03 2025', 7)).toMatchObject({ state: 'running', command: [] });
    expect(parsePs('7 1 7 0 S Mon Foo 33 01:02:03 2025 x', 7)).toBeNull();
  });

  it('uses the first of two lines for a PID', () => {
    const first = `12 1 12 501 S ${STARTED} node first.js`;
    const second = `12 1 12 0 S ${STARTED} node second.js`;
    for (const rest of ['', '\n', '\n\n  ', `\n${second}\n`, '\nwrapped words of it', `\n 13 1 ${second}`]) {
      expect(parsePs(first + rest, 12)).toMatchObject({ uid: 501, command: ['node', 'first.js'] });
    }
    expect(parsePs(`\n\n${first}`, 12)).toMatchObject({ uid: 501 });
  });

  it.each(['', '\n', 'no such process', '12', '12 1 12 501 S'])('%j is not a line', (text) => {
    expect(parsePs(text, 12)).toBeNull();
  });

  it('a list of PIDs', () => {
    expect(parsePids('    1\n  22 \r\n\nPID\n3x\n333')).toEqual([1, 22, 333]);
    for (const text of ['', '\n', '\n \r\n', 'lsof: WARNING', '-5']) expect(parsePids(text)).toEqual([]);
  });
});

it('lsof', () => {
  const text = `lsof: WARNING: garbage
n127.0.0.1:1
p12
u501
f10
n127.0.0.1:50000
f11
n*:50000
nhalf
p13
n[::1]:50000
x
`;
  expect(parseLsof(text)).toEqual([
    { pid: 12, uid: 501, host: '127.0.0.1' },
    { pid: 12, uid: 501, host: '0.0.0.0' },
    { pid: 13, uid: -1, host: '::1' },
  ]);
});
