// Models on which `explore` and plain enumeration once differed.
import { expect, it } from 'vitest';
import { compare, differenceOf } from './compare.ts';
import { type Model, scenarioOf } from './model.ts';

it.each(['emfile', 'eio', 'eacces'] as const)(
  '%s makes the only operation of a process fail',
  async (name) => {
    const open = { does: 'open', path: '/d/a', to: '/d/a', n: 0 } as const;
    const model: Model = {
      processes: [{ steps: [open], start: {} }],
      child: [open],
      way: 'plain',
      machine: { inodes: 'by-creator', readdirBatch: Number.POSITIVE_INFINITY, busyMs: 1 },
      fault: { name, settings: { forMs: [0, 1] } },
      judge: 'nothing',
    };
    const comparison = await compare(scenarioOf(model), 100);
    expect(comparison?.plain.found).toHaveLength(2);
    expect(differenceOf(comparison!)).toBeNull();
  },
);
