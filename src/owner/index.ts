export {
  type Claim,
  type Contest,
  childMarker,
  DEFAULT_TIMING,
  EXIT,
  HEALTH_PATH,
  healthBody,
  type OwnerOptions,
  type Ownership,
  type Timing,
  UntrustedDirectory,
} from '../model/index.ts';
export { type RunOptions, runProgram } from '../node/index.ts';
export {
  type Address,
  hasCode,
  isSystemError,
  type Ports,
  type Program,
  SystemError,
} from '../ports/index.ts';
export { becomeOwner } from './become-owner.ts';
