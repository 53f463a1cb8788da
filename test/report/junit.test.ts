import { describe, expect, test } from 'vitest';
import { junit } from '../../src/report/index.ts';
import fc from '../fc.ts';
import { PASSED, reportWith, scenarioWith } from './evidence.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** The grammar of what CI systems read: that of Jenkins' junit-10.xsd, as far as we use it. */
const GRAMMAR: Readonly<
  Record<string, { needs: readonly string[]; may: readonly string[]; children: readonly string[] }>
> = {
  testsuites: {
    needs: ['name', 'tests', 'failures', 'errors', 'time'],
    may: [],
    children: ['testsuite'],
  },
  testsuite: {
    needs: ['name', 'tests', 'failures', 'errors', 'time'],
    may: ['skipped'],
    children: ['properties', 'testcase'],
  },
  properties: { needs: [], may: [], children: ['property'] },
  property: { needs: ['name', 'value'], may: [], children: [] },
  testcase: { needs: ['name', 'classname', 'time'], may: [], children: ['skipped', 'error', 'failure'] },
  skipped: { needs: [], may: ['message', 'type'], children: [] },
  error: { needs: ['type', 'message'], may: [], children: [] },
  failure: { needs: ['type', 'message'], may: [], children: [] },
};
const COUNTS = ['tests', 'failures', 'errors', 'skipped'];

const unsure = scenarioWith({
  id: 'a/b/unsure',
  verdict: 'nondeterministic',
  reason: 'it ran two ways',
  evidence: [],
  violations: [],
});

describe('JUnit', () => {
  const report = reportWith({ scenarios: [scenarioWith(), PASSED, unsure], left: ['x/y/z'] });

  test('follows the schema of CI systems', () => {
    validate(parse(junit(report)));
    validate(parse(junit(reportWith({ scenarios: [] }))));
  });

  test('the counts are those of the test cases', () => {
    const [suite] = parse(junit(report)).children;
    const cases = suite!.children.filter(({ name }) => name === 'testcase');
    const having = (name: string) =>
      cases.filter(({ children }) => children.some((child) => child.name === name)).length;
    expect(suite!.attributes).toMatchObject({ tests: '4', failures: '1', errors: '1', skipped: '1' });
    expect([cases.length, having('failure'), having('error'), having('skipped')]).toEqual([4, 1, 1, 1]);
  });

  test('contains the counterexample and its command unchanged', () => {
    const [suite] = parse(junit(report)).children;
    const failure = suite!.children.find(({ name }) => name === 'testcase')!.children[0]!;
    expect(failure.attributes.message).toBe('2 owners at once: daemon#3 and daemon#1');
    expect(failure.text).toContain('read /state/lock → ""');
    expect(failure.text).toMatch(/\nnpx one-survivor replay os1:\S+$/);
  });

  test('is valid for any content', () => {
    const hostile = fc.oneof(
      fc.constantFrom(']]>', '<x a="1">', '&#0;', '\u0000\ufffe', '\ud800', 'a\nb', '"\'', '<!--'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        const { violations, evidence } = scenarioWith();
        const broken = scenarioWith({
          id: a,
          from: b,
          violations: [{ ...violations[0]!, message: c, invariant: b }],
          evidence: [{ ...evidence[0]!, message: c, invariant: b, token: a }],
        });
        const other = { ...unsure, id: c, reason: a };
        validate(
          parse(junit(reportWith({ version: a, strategy: b, scenarios: [broken, other], left: [c] }))),
        );
      }),
    );
  });

  test('the validator of this test detects errors', () => {
    const sound = junit(report);
    for (const [from, to] of [
      ['</testcase>', ''],
      ['tests="4"', ''],
      ['tests="4"', 'tests="four"'],
      ['<failure type=', '<failing type='],
      ['message="', 'message="<'],
      ['<properties>', '<properties>text & more'],
    ] as const) {
      expect(sound).toContain(from);
      expect(() => validate(parse(sound.replace(from, to))), to).toThrow();
    }
  });
});

function validate({ name, attributes, children, text }: Element, within?: string): void {
  if (within === undefined && name !== 'testsuites') throw new Error(`the root is ${name}`);
  const rule = GRAMMAR[name];
  if (rule === undefined) throw new Error(`${name} in ${within}`);
  for (const need of rule.needs) if (!(need in attributes)) throw new Error(`${name} has no ${need}`);
  for (const [key, value] of Object.entries(attributes)) {
    if (![...rule.needs, ...rule.may].includes(key)) throw new Error(`${name} has ${key}`);
    if (COUNTS.includes(key) && !/^\d+$/.test(value)) throw new Error(`${key} is ${value}`);
    if (key === 'time' && !/^\d+\.\d{3}$/.test(value)) throw new Error(`${key} is ${value}`);
  }
  if (name !== 'failure' && name !== 'error' && text.trim() !== '') throw new Error(`${name} says ${text}`);
  let last = 0;
  for (const child of children) {
    const place = rule.children.indexOf(child.name);
    if (place < 0 || (name === 'testsuite' && place < last)) throw new Error(`${child.name} in ${name}`);
    last = place;
    validate(child, name);
  }
}

/** A reader that takes nothing but well-formed XML 1.0 of elements, attributes and text. */
function parse(xml: string): Element {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!xml.startsWith(declaration)) throw new Error('no declaration');
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error('no character of XML');
  const open: { name: string; attributes: Record<string, string>; children: Element[]; text: string }[] = [
    { name: '', attributes: {}, children: [], text: '' },
  ];
  const token = /<\/([a-z]+)>|<([a-z]+)((?: [a-z]+="[^"<>]*")*)(\/?)>|([^<>]+)/y;
  token.lastIndex = declaration.length;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    if (match === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 40)}`);
    const [, closes, opens, listed = '', empty, text] = match;
    if (text !== undefined) open.at(-1)!.text += unescaped(text);
    else if (closes !== undefined) {
      const closed = open.pop()!;
      if (closed.name !== closes || open.length === 0) throw new Error(`</${closes}> of ${closed.name}`);
      open.at(-1)!.children.push(closed);
    } else {
      const pairs = [...listed.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(
        ([, key, value]) => [key!, unescaped(value!)] as const,
      );
      if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`twice in ${listed}`);
      const element = { name: opens!, attributes: Object.fromEntries(pairs), children: [], text: '' };
      if (empty === '/') open.at(-1)!.children.push(element);
      else open.push(element);
    }
  }
  const [root] = open;
  if (open.length !== 1 || root!.children.length !== 1 || root!.text.trim() !== '')
    throw new Error('not one root');
  return root!.children[0]!;
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = whole.endsWith(';') ? characters[name] : undefined;
    if (character === undefined) throw new Error(`no entity: ${whole}`);
    return character;
  });
}
