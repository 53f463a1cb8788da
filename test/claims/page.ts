/** docs/claims.md, from docs/claims.json. */
import type { Claim, Claims } from './claims.ts';

const ONE_SURVIVOR = /^one survivor\b/;

const HEAD = `# The claims

The five systems are described by documents: a bug report, pull requests, test plans and reviews. This page lists what they claim, in our
words, and what holds each claim here: scenarios with their verdicts, invariants, mutants of the protocol, tests of the simulation, and tests
with real processes. It is generated from [claims.json](claims.json) (\`npm run claims\`). A test fails if a scenario is renamed, a verdict
changes, a test goes, or a number is no longer read by a test of its row; that test asserts it, or uses it as a bound or an input.

A scenario of \`before\` is violated: the fault that the document reports is found. One of \`after\` or \`ours\` passes, or it is violated because
a bug is still there: [findings.md](findings.md) has the remedies. A row with a limit holds less than the document says, and says what.
`;

export function claimsPage({ documents, claims }: Claims): string {
  const of = (system: string) => claims.filter(({ id }) => id.startsWith(`${system}-`));
  const survivors = claims.filter(({ invariants }) => invariants.some((name) => ONE_SURVIVOR.test(name)));
  const [limited, whole] = [claims.filter(isLimited), claims.filter((claim) => !isLimited(claim))];
  const summary = documents.map(({ system, title }) => {
    const own = of(system);
    const real = own.filter((claim) => Object.keys(claim.real).length > 0);
    return row([
      `[${system}](#${system})`,
      title,
      `${own.length}`,
      `${own.filter(isLimited).length}`,
      `${real.length}`,
    ]);
  });
  return [
    HEAD,
    '## One survivor\n',
    `However many processes start, one survives and serves, and every other one ends. ${survivors.length} of ${claims.length} claims have a scenario that checks it:\n`,
    ...survivors.map((claim) => `- [${claim.id}](#${claim.id}): ${claim.claim}`),
    '\n## Summary\n',
    `${whole.length} of ${claims.length} claims hold as the documents state them, ${limited.length} have a limit.\n`,
    row(['system', 'document', 'claims', 'with a limit', 'with real processes']),
    row(Array(5).fill('---')),
    ...summary,
    ...documents.flatMap(({ system, title }) => [
      `\n## ${system}\n`,
      `${title}.\n`,
      ...of(system).map(section),
    ]),
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
}

function isLimited({ limit }: Claim): boolean {
  return limit !== undefined;
}

function section(claim: Claim): string {
  const items = [
    ...Object.entries(claim.scenarios).map(([id, verdict]) => `\`${id}\`: ${verdict}`),
    ...listed('Invariants', claim.invariants),
    ...listed('Mutants', claim.mutants, '`'),
    ...tests('Test', claim.tests),
    ...tests('Real processes', claim.real),
    ...(claim.numbers.length > 0
      ? [
          `Numbers: ${claim.numbers.map(({ name, value }) => `${name} ${[value].flat().join(', ')}`).join('; ')}`,
        ]
      : []),
    ...(claim.limit === undefined ? [] : [`**Limit**: ${claim.limit}`]),
  ];
  return `### ${claim.id}\n\n${claim.claim}\n\n${items.map((item) => `- ${item}`).join('\n')}\n`;
}

function listed(title: string, names: readonly string[], quote = ''): string[] {
  return names.length === 0 ? [] : [`${title}: ${names.map((name) => `${quote}${name}${quote}`).join('; ')}`];
}

function tests(title: string, titles: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(titles).map(
    ([file, names]) => `${title}: \`${file}\`, ${names.map((name) => `"${name}"`).join(', ')}`,
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
