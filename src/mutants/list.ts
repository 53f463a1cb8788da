import type { Guard } from './guard.ts';
import { CLAIM } from './guards/claim.ts';
import { CONTEND } from './guards/contend.ts';
import { DAEMON } from './guards/daemon.ts';
import { EVICTION } from './guards/eviction.ts';
import { GENERATIONS } from './guards/generations.ts';
import { HEALTH } from './guards/health.ts';
import { IDENTITY } from './guards/identity.ts';
import { OWNERSHIP } from './guards/ownership.ts';
import { REAPER } from './guards/reaper.ts';
import { SURRENDER } from './guards/surrender.ts';
import { TAKE_ENDPOINT } from './guards/take-endpoint.ts';
import { TOKEN } from './guards/token.ts';

/** Every guard of the protocol that can be taken away by its name. */
export const GUARDS: readonly Guard[] = [
  ...CONTEND,
  ...OWNERSHIP,
  ...TAKE_ENDPOINT,
  ...EVICTION,
  ...REAPER,
  ...SURRENDER,
  ...GENERATIONS,
  ...CLAIM,
  ...TOKEN,
  ...IDENTITY,
  ...HEALTH,
  ...DAEMON,
];
