// A comparison that misses a machine that is wrong on purpose proves little. All of them: npm run conformance -- --wrong all.
import { describe, expect, it } from 'vitest';
import { conformance } from './run.ts';

describe('the comparison', () => {
  const ids = [
    ...['unchecked paths', 'a directory in batches of 32', 'a body without content', 'an empty title'],
    ...['a reset is an end', 'a pipe without end'],
  ];

  it.runIf(process.platform === 'linux')(
    'finds machines that are wrong on purpose',
    { timeout: 600_000 },
    async () => {
      const asked = ids.flatMap((id) => ['--wrong', id]);
      const { code, output } = await conformance(['--runs', '200', '--seed', '1', ...asked]);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output.match(/: found by sequence \d+/g)).toHaveLength(ids.length);
    },
  );
});
