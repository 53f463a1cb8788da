// What the README shows runs. The other pages: docs.nightly.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES, ROOT, testPages } from './docs/sessions.ts';

describe('the documentation', () => {
  testPages(['README.md', 'CONTRIBUTING.md']);

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const texts = PAGES.map((page) => readFileSync(join(ROOT, page), 'utf8'));
    const named = texts.flatMap((text) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('the commands that the README promises are those that CI runs', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
    expect(readme).toMatch(/^npm ci && npm start/m);
    expect(readme).toMatch(/^npm cit/m);
    expect(ci).toMatch(/^npm cit$/m);
    expect(ci).toMatch(/^npm start$/m);
  });
});
