import { expect, test } from 'vitest';
import {
  byInvariant,
  byInvariantJson,
  type CheckReport,
  checkJson,
  githubAnnotations,
  githubSummary,
  heading,
  junit,
  list,
  listJson,
  mermaid,
  PLAIN,
  perfetto,
  printable,
  readBlob,
  replayCommand,
  replayed,
  replayJson,
  table,
  timeline,
  writeBlob,
} from '../../src/report/index.ts';
import fc from '../fc.ts';
import { events, evidenceWith, reportWith, scenarioWith, start } from './evidence.ts';

/** All that must not reach a terminal, but for the line feeds that the formatters themselves write. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const hostile = fc.oneof(
  fc.constantFrom(
    '\u001b[2J\u001b]0;title\u0007',
    '\u009b31m',
    '\u202eevil\u2066',
    'a\nb\r\nc\u2028d',
    '\n::error::fake',
    ']]></testcase><x a="',
    '```\n# heading <script>|',
    '\ud800',
    '\u0000\ufffe',
  ),
  fc.string({ unit: 'binary' }),
);

const world = fc.tuple(hostile, hostile, hostile, hostile).map(([a, b, c, d]) => {
  const evidence = evidenceWith({
    token: a,
    scenario: b,
    invariant: c,
    message: d,
    notes: [a],
    events: events(
      start(a, 1001),
      start(b, 1002),
      [1, 0.1, a, 'open', { path: c, flags: d, mode: 0 }, 3],
      [2, 0.2, a, 'read', { fd: 3, length: 1, position: null }, d],
      [3, 0.3, b, 'mark', { name: c, data: { [d]: a } }, null],
      [4, 0.4, b, 'answer', { request: 1, answer: { status: 200, body: c } }, null],
      [5, 0.5, a, 'kill', { pid: 1002, signal: d, startTicks: null }, { error: c }],
      [6, 0.6, 'nemesis', 'fault', { fault: d, process: a, path: b }, null],
      [7, 0.7, a, d, { [c]: b }, { [a]: d }],
      [8, 0.8, a, 'readdir', { fd: 9 }, [{ name: b, kind: 'file' }]],
      [9, 0.9, b, 'end', { crash: d }, { code: 1, signal: null }],
    ),
  });
  const broken = scenarioWith({
    id: a,
    from: b,
    evidence: [evidence],
    violations: [{ ...scenarioWith().violations[0]!, message: d, invariant: c, token: a }],
    sometimes: { [c]: 1 },
  });
  const unsure = scenarioWith({
    id: `${b}2`,
    verdict: 'inconclusive',
    reason: d,
    evidence: [],
    violations: [],
  });
  const report = reportWith({ strategy: c, version: a, node: b, scenarios: [broken, unsure], left: [d] });
  return { texts: [a, b, c, d], evidence, report };
});

test('untrusted text is escaped for terminals', () => {
  fc.assert(
    fc.property(world, ({ texts: [a = '', b = ''], evidence, report }) => {
      const options = { colors: PLAIN };
      const listing = {
        scenarios: [
          {
            id: a,
            about: b,
            file: a,
            expects: 'pass' as const,
            faults: {},
            invariants: [{ kind: 'always' as const, name: b }],
          },
        ],
        faults: [{ name: a, about: b }],
        strategies: [{ name: b, about: a }],
      };
      const outputs = {
        timeline: timeline(evidence, options),
        narrow: timeline(evidence, { ...options, width: 60 }),
        replayed: replayed(evidence, options),
        table: table(report, options),
        heading: heading(report, options),
        json: checkJson(report),
        replayJson: replayJson(evidence),
        perfetto: perfetto(evidence),
        junit: junit(report),
        annotations: githubAnnotations(report),
        summary: githubSummary(report),
        blob: writeBlob(report),
        list: list(listing, options),
        listJson: listJson(listing),
        byInvariant: byInvariant(listing.scenarios, options.colors),
        byInvariantJson: byInvariantJson(listing.scenarios),
        command: replayCommand(a, b),
        mermaid: mermaid(evidence),
      };
      for (const [name, text] of Object.entries(outputs)) {
        expect(UNSAFE.test(text), `${name}: ${JSON.stringify(text)}`).toBe(false);
      }
    }),
  );
});

test('escaping does not change the data in JSON and blobs', () => {
  fc.assert(
    fc.property(world, ({ texts, evidence, report }) => {
      // A record that zod has checked is without this key.
      fc.pre(!texts.includes('__proto__'));
      expect(JSON.parse(replayJson(evidence)).events).toEqual(JSON.parse(JSON.stringify(evidence.events)));
      expect(readBlob(writeBlob(report), 'a blob')).toEqual(JSON.parse(JSON.stringify(report)));
    }),
  );
});

test('an annotation is one line for any text', () => {
  fc.assert(
    fc.property(world, ({ report }) => {
      const lines = githubAnnotations(report).trimEnd().split('\n');
      expect(lines).toHaveLength(report.scenarios.length);
      for (const line of lines) expect(line).toMatch(/^::(error|warning) title=[^\n]*::/);
    }),
  );
});

test('XML stays well-formed', () => {
  fc.assert(
    fc.property(world, ({ report }: { report: CheckReport }) => {
      const xml = junit(report);
      expect(xml.match(/<testcase/g)).toHaveLength(report.scenarios.length + report.left.length);
      expect(xml.replace(/<\/?[a-z]+(?: [a-z]+="[^"<>]*")*\/?>|<\?xml [^<>]*\?>/g, '')).not.toMatch(/[<>]/);
      expect(xml.replace(/&(?:amp|lt|gt|quot|apos);/g, '')).not.toContain('&');
    }),
  );
});

test('escapes are visible and short', () => {
  expect(printable('a\n\t\r\u001b[0m\u007f\u009b\u202e\u2028é語')).toBe(
    'a\\n\\t\\r\\x1b[0m\\x7f\\x9b\\u202e\\u2028é語',
  );
  expect(printable('\ud83d\ude00 \ud83d')).toBe('😀 \\ud83d');
});

test('a file name is quoted for a shell', () => {
  expect(replayCommand('os1:a/b/c:0:A:1', null)).toBe('npx one-survivor replay os1:a/b/c:0:A:1');
  expect(replayCommand('t', "my file's.mjs")).toBe(`npx one-survivor replay t --from 'my file'\\''s.mjs'`);
  expect(replayCommand('t', 'a\u001b\n.mjs')).toBe(`npx one-survivor replay t --from $'a\\x1b\\x0a.mjs'`);
  const long = `os2:a/b/c:0:${'A'.repeat(100_000)}:1`;
  expect(replayCommand(long, 'x.mjs')).toBe(`echo ${long} | npx one-survivor replay - --from x.mjs`);
});
