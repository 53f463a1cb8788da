/** The regression corpus, `fixtures/tokens.json`: one entry per token, see {@link FIELDS}. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CORPUS_FILE = fileURLToPath(new URL('../fixtures/tokens.json', import.meta.url));

/**
 * `invariant` is the violated invariant; `null` if the bug was fixed. `why` is a sentence for a developer who sees it
 * fail. `traceHash` is the same on every machine and under every version of Node.
 */
const FIELDS = ['scenario', 'invariant', 'why', 'token', 'traceHash'];
/** The required fields; `npm run corpus` adds the others. */
const NEEDED = ['scenario', 'token'];

/** The entries in the order of the file; empty if there is no file. */
export function readCorpus() {
  let text;
  try {
    text = readFileSync(CORPUS_FILE, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  const entries = JSON.parse(text);
  if (!Array.isArray(entries)) throw new Error(`${CORPUS_FILE}: expected a list of entries`);
  for (const [at, entry] of entries.entries()) {
    const missing = NEEDED.filter((field) => typeof entry?.[field] !== 'string');
    if (missing.length > 0) throw new Error(`${CORPUS_FILE}: entry ${at} has no ${missing.join(', ')}`);
  }
  return entries;
}

/** Equal entries give equal bytes. */
export function writeCorpus(entries) {
  const whole = entries.map((entry) => Object.fromEntries(FIELDS.map((field) => [field, entry[field]])));
  writeFileSync(CORPUS_FILE, `${JSON.stringify(whole, null, 2)}\n`);
}
