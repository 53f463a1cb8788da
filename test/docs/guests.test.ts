/** docs/guests.md lists the modules and commands that there are. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MODULE_NAMES } from '../../src/guest/builtins.ts';
import { COMMAND_NAMES } from '../../src/guest/commands/models/index.ts';

const PAGE = join(resolve(import.meta.dirname, '../..'), 'docs/guests.md');

const LISTS: Readonly<Record<string, readonly string[]>> = {
  'modules of its own': MODULE_NAMES.own,
  'shared modules': MODULE_NAMES.shared,
  commands: COMMAND_NAMES,
};

it.each(Object.keys(LISTS))('docs/guests.md lists the %s: UPDATE=1 writes it', (title) => {
  const text = readFileSync(PAGE, 'utf8');
  const list = LISTS[title]!.toSorted()
    .map((name) => `\`${name}\``)
    .join(', ');
  const pattern = new RegExp(`<!-- ${title} -->[^<]*?(?=\\.(?:\\s|$))`);
  const updated = text.replace(pattern, () => `<!-- ${title} --> ${list}`);
  expect(text).toMatch(pattern);
  if (process.env.UPDATE === '1') writeFileSync(PAGE, updated);
  else expect(text).toBe(updated);
});
