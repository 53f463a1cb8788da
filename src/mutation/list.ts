import type { Guard } from './guard.ts';
import { BIND_GUARD, DAEMON_RECORD } from './guards/bind-guard.ts';
import { BROKER } from './guards/broker.ts';
import { CIRCUIT_BREAKER } from './guards/circuit-breaker.ts';
import { CLAIM } from './guards/claim.ts';
import { CLEAN_STOP } from './guards/clean-stop.ts';
import { CLOSEDLOOP } from './guards/closedloop.ts';
import { CONTEND } from './guards/contend.ts';
import { DAEMON } from './guards/daemon.ts';
import { EVICTION } from './guards/eviction.ts';
import { GENERATIONS } from './guards/generations.ts';
import { HEALTH } from './guards/health.ts';
import { IDENTITY } from './guards/identity.ts';
import { ORPHAN_SCAN } from './guards/orphan-scan.ts';
import { OWNERSHIP } from './guards/ownership.ts';
import { PID_FILE_SWEEP } from './guards/pid-file-sweep.ts';
import { PORT_RECONCILE } from './guards/port-reconcile.ts';
import { REAPER } from './guards/reaper.ts';
import { SINGLE_FLIGHT } from './guards/single-flight.ts';
import { SPAWN_GATE } from './guards/spawn-gate.ts';
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
  ...BIND_GUARD,
  ...DAEMON_RECORD,
  ...PID_FILE_SWEEP,
  ...ORPHAN_SCAN,
  ...PORT_RECONCILE,
  ...CLOSEDLOOP,
  ...CLEAN_STOP,
  ...SPAWN_GATE,
  ...SINGLE_FLIGHT,
  ...CIRCUIT_BREAKER,
  ...BROKER,
];
