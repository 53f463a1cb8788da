export {
  type BindGuardOptions,
  type BindTiming,
  type BindVerdict,
  type DaemonStatus,
  DEFAULT_BIND_TIMING,
  formatStatus,
  guardBind,
  liveAt,
  parseStatus,
  readRecord,
  reconcileRecord,
  recordMatches,
  STATUS_PATH,
  STOP_PATH,
  stopLive,
  writeRecord,
} from './bind-guard.ts';
export {
  Attachment,
  Broker,
  type BrokerMode,
  type BrokerOptions,
  DEFAULT_BROKER_MODE,
  findBroker,
  type Joined,
  joinBroker,
  withdrawBroker,
} from './broker.ts';
export { type Claim, parseClaim } from './claim.ts';
export { becomeOwner, type Contest, type OwnerOptions } from './contend.ts';
export {
  DEGRADED_ERROR,
  DegradedResponder,
  DIAGNOSTIC_TOOL,
  type Diagnosis,
  INITIALISE_WITHIN_MS,
  linesOf,
  serveDegraded,
} from './degraded.ts';
export { evict } from './eviction.ts';
export { EXIT } from './exit-codes.ts';
export { Generations, type Head } from './generations.ts';
export { HEALTH_PATH, healthBody, whoAnswers } from './health.ts';
export { type Fate, fateOf, isGone } from './identity.ts';
export { DEFAULT_LEASES, Leases, type LeaseTiming } from './leases.ts';
export type { Ownership } from './ownership.ts';
export { childMarker, ownerOf, reapOrphans } from './reaper.ts';
export { Surrender } from './surrender.ts';
export { DEFAULT_TIMING, type Timing } from './timing.ts';
