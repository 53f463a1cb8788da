import { describe, expect, test } from 'vitest';
import { lineOf } from '../../src/cli/source-location.ts';

describe('the line of a scenario in its file', () => {
  test.each([
    ['the id', "import x;\n\n// 'a/b/c' is it\nscenario({\n  id: 'a/b/c',\n", 5],
    ['in double quotes, after CRLF', 'scenario({\r\n  about: "a/b",\r\n  id: "a/b/c" });', 3],
    ['of several the right one', "s({ id: 'a/b/cc' });\ns({ id: 'a/b/c' });\n", 2],
    ['an id that is given to a helper', "const make = (id) => 1;\n\nmake('a/b/c');\n", 3],
    [
      'an id that is put together',
      "import { scenario } from 'x';\nexport default scenario({ id: makeId('a', 'c') })",
      2,
    ],
    ['one that comes from elsewhere', "// mine\nexport { race } from './races.mjs';", 2],
    ['nothing of the kind', 'x\ny', 1],
  ])('%s', (_, text, line) => {
    expect(lineOf('a/b/c', text)).toBe(line);
  });
});
