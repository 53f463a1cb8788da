import { toJson } from '../json.ts';
import { type DaemonReport, exitCodeOfDaemon } from './report.ts';

export {
  type DaemonDetails,
  type DaemonReport,
  type DaemonVerdict,
  type DaemonViolation,
  exitCodeOfDaemon,
  type Judged,
  type StormFacts,
  type StormRound,
} from './report.ts';
export { daemonText } from './text.ts';

/** The report of `simulate` and `storm` as one JSON document. */
export function daemonJson(report: DaemonReport): string {
  return toJson({ ...report, ok: exitCodeOfDaemon(report) === 0 });
}
