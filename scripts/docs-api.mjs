/** Writes docs/api from the docstrings of what the package exports: `npm run docs:api`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readApi } from './api.mjs';
import { apiPages, undocumented } from './api-pages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'docs/api');

const entries = readApi(ROOT);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const { path, text } of apiPages(entries)) writeFileSync(join(FOLDER, path), text);
const missing = undocumented(entries);
for (const what of missing) console.error(`no docstring: ${what}`);
process.exitCode = missing.length === 0 ? 0 : 1;
