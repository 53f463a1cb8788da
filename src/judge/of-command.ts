/** What is judged of a command that is started several times and harassed: the same for `simulate` and `storm`. */
import {
  answererIsNamed,
  everyStartDecides,
  type Judgement,
  noOrphans,
  oneOwnerAtATime,
  recovers,
  survivors,
} from './judgements.ts';
import { endpointOfOwner, type KnownOwner } from './known-owner.ts';

export interface HarassedCommand {
  /** How an owner is known; `null` if it is not. */
  readonly owner: KnownOwner | null;
  /** A file that names the owner, to compare with who listens. */
  readonly pidFile: string | null;
  /** How many processes are to be left. */
  readonly expect: number;
  /** For how long it settles after the faults, in milliseconds. A start after half of it is expected to recover. */
  readonly settleMs: number;
  /** Whether any fault may strike, and whether one may strike files. */
  readonly faults: { readonly any: boolean; readonly ofFiles: boolean };
  /** Whether what a living process has started counts as a survivor of its own. */
  readonly countHelpers: boolean;
  /** Whether it ends as soon as nothing is wrong, instead of when the time is over. */
  readonly endsEarly: boolean;
}

export interface ToJudge {
  readonly judgement: Judgement;
  /** Whether the verdict can be `passed` if it meant something in no run. */
  readonly optional: boolean;
}

export function judgementsOf(command: HarassedCommand): ToJudge[] {
  const { owner, pidFile, expect, settleMs, faults, countHelpers, endsEarly } = command;
  const recoverMs = settleMs / 2;
  const meaningful = endsEarly ? [0] : [];
  const endpoint = owner && endpointOfOwner(owner);
  // After a fault of files, a sound daemon may have no PID file.
  const comparesFile = endpoint !== null && pidFile !== null && !faults.ofFiles;
  const must = (judgement: Judgement): ToJudge => ({ judgement, optional: false });
  return [
    must(survivors(expect, { recoverMs, countHelpers })),
    ...(endpoint === null ? [] : [must(oneOwnerAtATime())]),
    ...(comparesFile ? [must(answererIsNamed(endpoint, pidFile))] : []),
    ...(owner === null ? [] : [{ judgement: noOrphans(), optional: true }]),
    // Where several are to be left, some may wait for their turn.
    ...(owner === null || expect > 1 ? [] : [must(everyStartDecides(recoverMs / 2, ...meaningful))]),
    ...(owner === null || !faults.any ? [] : [must(recovers(recoverMs, ...meaningful))]),
  ];
}

/**
 * What is not judged, and why.
 *
 * @param isAsked whether the answer of the owner is looked at
 */
export function notJudgedOf(
  { owner, pidFile }: Pick<HarassedCommand, 'owner' | 'pidFile'>,
  isAsked = false,
): string[] {
  const endpoint = owner && endpointOfOwner(owner);
  return [
    ...(owner ? [] : ['who the owner is, orphans, and whether a start recovers: the owner is not known']),
    ...(endpoint !== null && pidFile === null
      ? ['whether a file names the one who answers: no file did, in a run with one start']
      : []),
    ...(endpoint === null || isAsked ? [] : ['what it answers']),
    'whether files of ended processes are left',
  ];
}
