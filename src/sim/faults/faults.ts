import type { Fault, FaultName } from './fault.ts';
import { CORRUPT_STATE, LOSE_STATE, ROLL_BACK_STATE, TEAR_STATE } from './file-faults.ts';
import { CLOCK_JUMP, HOST_NAME, POWER_CUT, REBOOT, SUSPEND } from './machine-faults.ts';
import { LOST_PROBE, PORT_GRAB, SLOW_PROBE } from './network-faults.ts';
import { EACCES, EIO, EMFILE, ENOSPC, SHORT_WRITE, SPAWN_FAILS } from './operation-faults.ts';
import { KILL, PARENT_DEATH, PID_REUSE, STOP } from './process-faults.ts';

/** Every kind of fault, by name. */
export const FAULTS: { readonly [N in FaultName]: Fault } = {
  kill: KILL,
  stop: STOP,
  'pid-reuse': PID_REUSE,
  'lose-state': LOSE_STATE,
  'tear-state': TEAR_STATE,
  'corrupt-state': CORRUPT_STATE,
  'roll-back-state': ROLL_BACK_STATE,
  'parent-death': PARENT_DEATH,
  suspend: SUSPEND,
  'clock-jump': CLOCK_JUMP,
  reboot: REBOOT,
  'power-cut': POWER_CUT,
  eio: EIO,
  enospc: ENOSPC,
  emfile: EMFILE,
  eacces: EACCES,
  'slow-probe': SLOW_PROBE,
  'lost-probe': LOST_PROBE,
  'port-grab': PORT_GRAB,
  'host-name': HOST_NAME,
  'short-write': SHORT_WRITE,
  'spawn-fails': SPAWN_FAILS,
};
