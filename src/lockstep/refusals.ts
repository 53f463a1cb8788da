/** Which runs real processes cannot repeat, and what of a run exists only in answers. */
import { FILE_OPERATIONS_NOW } from '../node/files-now.ts';
import type { Run } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import type { FaultName } from '../sim/index.ts';
import type { Surroundings } from './coordinate/plan.ts';
import type { Script } from './script.ts';

/** Faults that no real machine is brought to have: programs are given the answers that they would get. */
const ANSWERS_ONLY: ReadonlySet<string> = new Set<FaultName>([
  ...(['suspend', 'clock-jump', 'host-name', 'eio', 'enospc', 'emfile', 'eacces', 'spawn-fails'] as const),
  ...(['slow-probe', 'lost-probe'] as const),
]);
/** What a real process can do while its program waits in the midst of its code. */
const CARRIED_OUT_NOW: ReadonlySet<string> = new Set([
  ...FILE_OPERATIONS_NOW,
  ...['readdir', 'clock', 'self', 'exit', 'kill', 'sigaction'],
]);
const ANY_ADDRESS = new Set(['0.0.0.0', '::', '::0', '0']);

/** The faults of a run that exist only in answers to its programs, in the order in which they strike. */
export function answersOnly({ events }: Script): string[] {
  const names = events.flatMap((event) =>
    event.kind === 'fault' && ANSWERS_ONLY.has(event.fault) ? [event.fault] : [],
  );
  const reboots = events.some((event) => event.kind === 'fault' && event.fault === 'reboot');
  return [...new Set([...names, ...(reboots ? ['the new boot ID of a reboot'] : [])])];
}

/** Why a run cannot be repeated on real processes; `null` if it can. One sentence. */
export function refusalOf(
  scenario: Scenario,
  { events, blockedBy }: Script,
  run: Run,
  { ownPids, ownNetwork, otherUsers }: Surroundings,
): string | null {
  if (blockedBy !== null)
    return `a program waits in the midst of its code for more than one operation (${blockedBy}), which real ones cannot do here yet`;
  const other = events.find(
    (event) => event.kind === 'ask' && event.now === true && !CARRIED_OUT_NOW.has(event.operation.op),
  );
  if (other?.kind === 'ask')
    return `a program of Node calls ${other.operation.op} synchronously; accepted: operations on files, and exit`;
  const faults = new Set(events.flatMap((event) => (event.kind === 'fault' ? [event.fault] : [])));
  const starts = events.flatMap((event) => (event.kind === 'start' ? [event] : []));
  if (faults.has('power-cut'))
    return 'a power cut loses what was not synced, and no real disk here can be brought to lose it';
  if (scenario.start.some(({ subreaper }) => subreaper))
    return 'a subreaper needs prctl(2), which Node cannot call';
  if (run.machine.table.all().some(({ lingering }) => lingering))
    return 'the sockets of a killed process outlast it by a choice of the schedule, which no real kernel follows';
  if (scenario.machine.hidepid)
    return 'processes are hidden from other users: that is an option of the mount of /proc';
  if (Number.isFinite(scenario.machine.capacityBytes ?? Number.POSITIVE_INFINITY))
    return 'the disk of the scenario is small, and the real one is not';
  if (faults.has('pid-reuse') && !ownPids)
    return 'a PID is given again, which needs a PID namespace of its own: unshare(1) is missing or not permitted here';
  if (!otherUsers && starts.some(({ uid }) => uid !== 0))
    return 'processes of several users can be started by root only';
  if (!ownPids && starts.some(({ container }) => container !== null))
    return 'a container needs a PID namespace of its own: unshare(1) is missing or not permitted here';
  if (!ownNetwork && listensAnywhere(events))
    return 'a process listens on all addresses, which needs a network namespace of its own: it is not permitted here';
  return null;
}

function listensAnywhere(events: Script['events']): boolean {
  return events.some(
    (event) =>
      event.kind === 'perform' &&
      event.operation.op === 'listen' &&
      event.operation.address.kind === 'tcp' &&
      ANY_ADDRESS.has(event.operation.address.host),
  );
}
