// How often a summary is found out that keeps less than its program does: docs/how-explore-works.md says so too.
import { expect, it } from 'vitest';
import { explore } from '../../../src/explore/index.ts';
import { SUMMARIES_ASSUMED } from '../../../src/explore/memo/memo-node.ts';
import { always, type Scenario, scenario } from '../../../src/scenario/index.ts';

/**
 * A file has `values` values, one after the other. A process reads one of them in a summary that says that nothing is kept of it, and
 * later does something wrong if it was the one with the number `bad`.
 */
function liar(values: number, bad: number): Scenario {
  return scenario({
    id: 'explore/summaries/liar',
    programs: {
      writer: async ({ fs }) => {
        for (let value = 1; value < values; value++) await fs.rename(`/d/${value}`, '/d/now');
      },
      reader: async ({ fs, summarize, mark }) => {
        let read = -1;
        await summarize(
          async () => {
            read = (await fs.stat('/d/now')).size;
          },
          () => null,
        );
        await fs.stat('/d');
        if (read === bad) mark('second');
      },
    },
    start: [{ program: 'writer' }, { program: 'reader' }],
    machine: {
      files: Object.fromEntries(
        Array.from({ length: values }, (_, value) => [
          `/d/${value === 0 ? 'now' : value}`,
          'x'.repeat(value),
        ]),
      ),
      ...{ operationUs: 0, busyMs: 0, inodes: 'by-creator' },
    },
    invariants: [
      always('nothing bad was read', ({ marks }) => (marks.has('second') ? 'it was' : null), {
        when: 'change',
      }),
    ],
  });
}

it.each([
  [2, 2],
  [4, 4],
  [5, 5],
  [8, 5],
])(
  'with %d values, of which one makes a difference, %d of as many dishonest summaries are found',
  async (values, expected) => {
    let found = 0;
    for (let bad = 0; bad < values; bad++) {
      const { violations, assumed } = await explore(liar(values, bad), { isolation: false });
      if (violations.length > 0) found++;
      else expect(assumed).toContain(SUMMARIES_ASSUMED);
    }
    expect(found).toBe(expected);
  },
);

it('the assumption says how many ways are tried', () => {
  expect(SUMMARIES_ASSUMED).toBe(
    'programs keep of a summary no more than they say: of all ways to one value 4 are tried',
  );
});
