/** A foreign server where the owner wants to serve. */
import { healthBody } from '../../../model/index.ts';
import type { Answer } from '../../../ports/index.ts';
import { listensAt } from '../../vocabulary/index.ts';
import { NONCE } from '../preexisting/setup.ts';
import { ENDPOINT } from '../setup.ts';

/** No owner answers like this. */
const NONSENSE: readonly Answer[] = [
  { status: 200, body: '{}' },
  { status: 200, body: 'null' },
  { status: 200, body: '{"nonce":' },
  { status: 200, body: '{"nonce":7}' },
  { status: 503, body: healthBody(NONCE) },
];

export const squatter = listensAt(ENDPOINT, ...NONSENSE);
