// Places in the files that users have written: through source maps, beside plain files and damaged maps.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { originalPosition } from '../../src/host/index.ts';
import { placeIn } from '../../src/scenario/source-location.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'os-positions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Column 1 of line 1 is line 3, column 5 of src.ts; column 3 of line 2 is line 4, column 1. */
const MAP = { version: 3, sources: ['src.ts'], names: [], mappings: 'AAEI;EACJ' };

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

describe('a position', () => {
  it('is in the source that a source map names, inline, in a file, or in a file of the same name', () => {
    const inline = Buffer.from(JSON.stringify(MAP)).toString('base64');
    file('other.map', JSON.stringify(MAP));
    file('c.js.map', JSON.stringify(MAP));
    const files = [
      file('a.js', 'throw 1;\n//# sourceMappingURL=other.map'),
      file('b.js', `throw 1;\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${inline}`),
      file('c.js', 'throw 1;'),
    ];
    const written = { file: path.join(folder, 'src.ts'), line: 3, column: 5 };
    expect(files.map((name) => originalPosition(name, 1, 1))).toEqual([written, written, written]);
  });

  it('stays in its line, also before the first place of the line that the map knows, and after the last line', () => {
    const name = file('a.js', 'throw 1;\n  throw 2;\n\nadded();');
    file('a.js.map', JSON.stringify(MAP));
    const written = path.join(folder, 'src.ts');
    expect(originalPosition(name, 2, 1)).toEqual({ file: written, line: 4, column: 1 });
    expect(originalPosition(name, 4, 1)).toEqual({ file: name, line: 4, column: 1 });
  });

  it('is that of the stack if there is no map, or none that can be read', () => {
    const files = [
      file('a.js', 'throw 1;'),
      file('b.js', 'throw 1;\n//# sourceMappingURL=missing.map'),
      file('c.js', 'throw 1;\n//# sourceMappingURL=data:application/json;base64,e30'),
      path.join(folder, 'missing.js'),
      'node:fs',
    ];
    for (const name of files)
      expect(originalPosition(name, 7, 8)).toEqual({ file: name, line: 7, column: 8 });
  });
});

it('the place of a stack is the one in the source', () => {
  const name = file('a.js', 'throw 1;');
  file('a.js.map', JSON.stringify(MAP));
  expect(placeIn(`Error: x\n    at run (${name}:1:1)`)).toBe(`${path.join(folder, 'src.ts')}:3:5`);
});
