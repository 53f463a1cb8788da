/** docs/add-a-fault.md has every kind of fault with what it does and its defaults, as the code has them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { defaultsText } from '../../src/report/list.ts';
import { FAULTS } from '../../src/sim/index.ts';

const PAGE = path.join(import.meta.dirname, '../../docs/add-a-fault.md');

it('lists every fault with its description and defaults', () => {
  const table = readFileSync(PAGE, 'utf8').split(
    '| fault | what it does | default |\n| --- | --- | --- |\n',
  )[1]!;
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
  expect(rows).toEqual(
    Object.values(FAULTS).map(
      (fault) => `| \`${fault.name}\` | ${fault.about} | \`${defaultsText(fault)}\` |`,
    ),
  );
});
