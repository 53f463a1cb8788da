import { describe, expect, test } from 'vitest';
import { mermaid } from '../../src/report/index.ts';
import fc from '../fc.ts';
import { events, evidenceWith, NAIVE, start } from './evidence.ts';

/** Every line that a diagram of ours may have, with text that is nothing but text. */
const TEXT = String.raw`(?:[^\s#;:<>{}%@"\x60&\\-]|(?<=\w)-(?=\w)| |#\d+;|<br/>)+`;
const LINE = new RegExp(
  [
    'sequenceDiagram',
    `  participant p\\d+ as ${TEXT}`,
    `(?: {2}| {4})p\\d+(?:->>|-x)p\\d+: ${TEXT}`,
    `(?: {2}| {4})Note over p\\d+(?:,p\\d+)?: ${TEXT}`,
    String.raw`  rect rgba\(220, 40, 40, 0\.18\)`,
    '  end',
  ]
    .map((line) => `^${line}$`)
    .join('|'),
  'u',
);
const messagesOf = (text: string): string[] =>
  text.split('\n').filter((line) => /^ +(?:Note|p\d)/.test(line));

test('the naive lock: operations, the critical pair and the violation', () => {
  const critical = {
    first: { step: 4, kind: 'step' },
    second: { step: 9, kind: 'step' },
    passing: 'os1:…',
  } as const;
  expect(mermaid({ ...NAIVE, critical }).split('\n')).toEqual([
    'sequenceDiagram',
    '  participant p0 as daemon#35;1<br/>PID 1001',
    '  participant p1 as daemon#35;3<br/>PID 1003',
    '  participant p2 as /state',
    '  participant p3 as /state/lock',
    '  p0->>p2: 2 mkdir',
    '  rect rgba(220, 40, 40, 0.18)',
    '    p0->>p3: ① 4 open wx → 3',
    '  end',
    '  p1-xp2: 6 mkdir ✗ EEXIST',
    '  p1->>p2: 7 stat → directory',
    '  rect rgba(220, 40, 40, 0.18)',
    '    p1-xp3: ② 9 open wx ✗ EEXIST',
    '  end',
    '  p1->>p3: 10 open r → 3',
    '  p1->>p3: 11 read → #34;#34;',
    '  p1->>p3: 12 close',
    '  p1->>p3: 13 unlink',
    '  p1->>p3: 14 open wx → 3',
    '  p1->>p3: 15 write ← #34;1003#34;',
    '  p1->>p3: 16 close',
    '  Note over p1: 16 ★ own',
    '  p0->>p3: 17 write ← #34;1001#34;',
    '  p0->>p3: 18 close',
    '  Note over p0: ▶ 18 ★ own',
    '  Note over p0,p3: ✗ violated here#58; at most one owner<br/>2 owners at once#58; daemon#35;3 and daemon#35;1',
  ]);
});

test('signals go to their process, faults come from the nemesis, requests go to the TCP port', () => {
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 8080 };
  const text = mermaid(
    evidenceWith({
      kind: 'eventually',
      events: events(
        start('daemon#1', 1001),
        start('daemon#2', 1002),
        [1, 0.1, 'daemon#1', 'listen', { address }, 3],
        [2, 0.2, 'daemon#2', 'request', { address, request: { path: '/health' } }, { status: 200 }],
        [3, 900, 'daemon#2', 'kill', { pid: 1001, signal: 'SIGTERM', startTicks: null }, null],
        [3, 900, 'nemesis', 'fault', { fault: 'stop', process: 'daemon#2', forMs: 50 }, null],
        [4, 901, 'daemon#1', 'end', {}, { code: null, signal: 'SIGTERM' }],
      ),
    }),
  );
  expect(text.split('\n').slice(1)).toEqual([
    '  participant p0 as nemesis',
    '  participant p1 as daemon#35;1<br/>PID 1001',
    '  participant p2 as daemon#35;2<br/>PID 1002',
    '  participant p3 as 127.0.0.1#58;8080',
    '  p1->>p3: 1 listen on → 3',
    '  p2->>p3: 2 ask /health → 200',
    '  p2->>p1: 3 900 ms later, kill SIGTERM 1001 (daemon#35;1)',
    '  p0->>p2: 3 ↯ stop daemon#35;2 for 50 ms',
    '  Note over p1: 4 ■ ended by SIGTERM',
    '  Note over p0,p3: ✗ not true at the end#58; at most one owner<br/>2 owners at once#58; daemon#35;3 and daemon#35;1',
  ]);
});

describe('a long run', () => {
  /** No two lines alike, so that nothing is folded. */
  const long = evidenceWith({
    critical: {
      first: { step: 300, kind: 'step' },
      second: { step: 301, kind: 'step' },
      passing: '',
    },
    events: events(
      start('a#1', 1001),
      start('b#2', 1002),
      ...Array.from(
        { length: 1_000 },
        (_, i) =>
          [i + 1, i, i % 2 === 0 ? 'a#1' : 'b#2', 'unlink', { path: `/${letters(i)}` }, null] as [
            number,
            number,
            string,
            string,
            Record<string, unknown>,
            null,
          ],
      ),
      [1_001, 1_001, 'a#1', 'mark', { name: 'own', data: {} }, null],
    ),
  });

  test.each([8, 12, 40])('has at most %i messages and notes: the pair and the end among them', (most) => {
    const text = mermaid(long, { most });
    const messages = messagesOf(text);
    expect(messages.length).toBeLessThanOrEqual(most);
    expect(messages.length).toBeGreaterThan(most - 4);
    expect(text).toContain(': ① 300 ');
    expect(text).toContain(': ② 301 ');
    expect(messages.at(-2)).toMatch(/▶ 1,001 .*★ own/);
    const left = [...text.matchAll(/⋮ ([\d,]+) lines? omitted/g)].map(([, n]) => Number(n!.replace(',', '')));
    const told = messages.length - 1 - left.length;
    expect(told + left.reduce((sum, n) => sum + n, 0)).toBe(1_001);
  });

  test('repeated polling is shown once', () => {
    const polling = evidenceWith({
      events: events(
        start('a#1', 1001),
        ...Array.from(
          { length: 500 },
          (_, i) =>
            [i + 1, i, 'a#1', 'stat', { path: '/lock' }, { error: 'ENOENT' }] as [
              number,
              number,
              string,
              string,
              Record<string, unknown>,
              unknown,
            ],
        ),
        [501, 501, 'a#1', 'mark', { name: 'own', data: {} }, null],
      ),
    });
    expect(messagesOf(mermaid(polling))).toHaveLength(4);
    expect(mermaid(polling)).toContain('↻ this 499 more times, until 499 ms');
  });
});

test('no trace can break the syntax of the diagram', () => {
  const hostile = fc.oneof(
    fc.constantFrom('end', 'a;b', 'a#b', '%%{init: {}}%%', '@{ "type": "actor" }', 'a\nend\nb', '->>'),
    fc.constantFrom('<b onclick="x">', '```', 'ﬂ°°35¶ß', 'wrap: x', 'rect red', '$$x$$', 'a--b', '-', '&lt;'),
    fc.string({ unit: 'binary' }),
    fc.string(),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (a, b, c, d) => {
      const evidence = evidenceWith({
        invariant: a,
        message: d,
        critical: { first: { step: 1, kind: 'step' }, second: { step: 5, kind: 'step' }, passing: '' },
        events: events(
          start(a, 1001),
          start(b, 1002),
          [1, 0.1, a, 'open', { path: c, flags: d, mode: 0 }, 3],
          [2, 0.2, a, 'read', { fd: 3, length: 1, position: null }, d],
          [3, 0.3, b, 'mark', { name: c, data: { [d]: a } }, null],
          [4, 0.4, a, 'request', { address: d, request: c }, b],
          [5, 0.5, a, 'kill', { pid: 1002, signal: d, startTicks: null }, { error: c }],
          [6, 0.6, 'nemesis', 'fault', { fault: d, process: a, path: b }, null],
          [7, 0.7, a, d, { [c]: b }, { [a]: d }],
          [8, 0.8, b, 'end', { crash: d }, { code: 1, signal: null }],
        ),
      });
      const lines = mermaid(evidence).split('\n');
      for (const line of lines) expect(line).toMatch(LINE);
      const words = lines.flatMap((line) => /^ {2}participant (p\d+)/.exec(line)?.[1] ?? []);
      expect(new Set(words).size).toBe(words.length);
      const used = messagesOf(lines.join('\n')).flatMap(
        (line) => line.replace(/: .*/, '').match(/p\d+/g) ?? [],
      );
      expect(words).toEqual(expect.arrayContaining(used));
    }),
  );
});

test('an empty run', () => {
  expect(mermaid(evidenceWith({ invariant: null, message: null }))).toBe(
    'sequenceDiagram\n  participant p0 as the machine\n  Note over p0: ✓ no invariant is violated',
  );
});

/** A name without digits: lines that differ only in numbers would be folded. */
function letters(n: number): string {
  return n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!.toUpperCase());
}
