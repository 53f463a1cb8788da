export {
  type BindGuardOptions,
  type BindTiming,
  type BindVerdict,
  DEFAULT_BIND_TIMING,
  guardBind,
  liveAt,
  STATUS_PATH,
  STOP_PATH,
  stopLive,
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
  type Used,
  withdrawBroker,
} from './broker.ts';
export { certificatePath } from './certificate.ts';
export { childEnvironment, childMarker, INHERITED_VARIABLE, ownerOf } from './child-mark.ts';
export { type BreakerOptions, CircuitBreaker, CircuitOpenError } from './circuit-breaker.ts';
export { type Claim, parseClaim } from './claim.ts';
export { becomeOwner } from './contend.ts';
export type { Contest } from './contest.ts';
export {
  type DaemonStatus,
  formatStatus,
  parseStatus,
  readRecord,
  reconcileRecord,
  recordMatches,
  writeRecord,
} from './daemon-record.ts';
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
export { type Fate, fateOf, isGone, type Origin } from './identity.ts';
export { DEFAULT_LEASES, Leases, type LeaseTiming } from './leases.ts';
export { temporaryPath } from './litter.ts';
export {
  findHost,
  MAX_HOPS,
  type OrphanScanOptions,
  type Suspect,
  scanForOrphans,
} from './orphan-scan.ts';
export type { OwnerOptions } from './owner-options.ts';
export type { Ownership } from './ownership.ts';
export {
  processFileName,
  processOfFile,
  type SweepOptions,
  sweepProcessFiles,
  writeProcessFile,
} from './pid-file-sweep.ts';
export { type PortReconcileOptions, type PortVerdict, RECLAIM, reconcilePort } from './port-reconcile.ts';
export { reapOrphans } from './reaper.ts';
export {
  type Ending,
  exitCodeOf,
  type ServeOptions,
  type Service,
  serveAsOwner,
  serveOwner,
} from './serve-owner.ts';
export { SingleFlight } from './single-flight.ts';
export { type SpawnGateOptions, type Spawning, spawnOnce } from './spawn-gate.ts';
export { UntrustedDirectory } from './state-directory.ts';
export { Surrender } from './surrender.ts';
export { DEFAULT_TIMING, type Timing } from './timing.ts';
