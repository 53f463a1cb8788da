import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Recorded } from '../check/index.ts';
import { messageOf } from '../ports/message-of.ts';
import type { Scenario } from '../scenario/index.ts';
import { UsageError } from './errors.ts';

/** The recorded tokens of the built-in scenarios, part of the package: see `npm run corpus`. */
const FILE = fileURLToPath(new URL('../../fixtures/tokens.json', import.meta.url));

const shape = z.array(z.looseObject({ scenario: z.string(), token: z.string(), why: z.string().nullable() }));

let corpus: z.infer<typeof shape> | null = null;

/** The recorded tokens of a built-in scenario. */
export function corpusOf({ id }: Scenario): Recorded[] {
  corpus ??= read();
  return corpus
    .filter(({ scenario }) => scenario === id)
    .map(({ token, why }) => ({ token, why: why ?? 'it came with the package' }));
}

function read(): z.infer<typeof shape> {
  let text: string;
  try {
    text = readFileSync(FILE, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${FILE} is damaged: ${messageOf(error)}. Reinstall the package`);
  }
}
