import type { RealReplay } from '../lockstep/replay-real.ts';
import { escapeJson, stringify } from './escape.ts';
import { type CheckReport, type Evidence, exitCodeOf } from './report.ts';

/** The report of a check as one JSON document. */
export function checkJson(report: CheckReport): string {
  const { version, node, seed, strategy, shard, interrupted, left } = report;
  const scenarios = report.scenarios.map((scenario) => {
    const { id, expects, verdict, ok, reason, runs, steps, seconds, firstViolationAtRun, sometimes, from } =
      scenario;
    const { foundBy, strategies, abstractStates } = scenario;
    const { unstable, skipped, changed, error, omitted, assumed, bounds, exercised, started, struck, notes } =
      scenario;
    const violations = scenario.violations.map((violation, i) => ({
      ...violation,
      traceHash: scenario.evidence[i]?.traceHash ?? null,
    }));
    return {
      id,
      from,
      expects,
      verdict,
      ok,
      reason,
      runs,
      steps,
      seconds,
      firstViolationAtRun,
      ...(foundBy !== undefined && { foundBy }),
      ...(strategies !== undefined && { strategies }),
      ...(abstractStates !== undefined && { abstractStates }),
      violations,
      sometimes,
      exercised,
      started,
      struck,
      omitted,
      assumed,
      bounds,
      ...(error !== undefined && { error }),
      ...(unstable !== undefined && { unstable }),
      ...(skipped !== undefined && { skipped }),
      ...(changed !== undefined && { changed }),
      ...(notes !== undefined && { notes }),
    };
  });
  const ok = exitCodeOf(report) === 0;
  const recorded = report.recorded === undefined ? {} : { recorded: report.recorded };
  return toJson({ version, node, seed, strategy, shard, ok, interrupted, left, ...recorded, scenarios });
}

/** A replay as one JSON document; with what real processes did, if it was repeated on them. */
export function replayJson(evidence: Evidence, real?: RealReplay): string {
  const { token, scenario, verdict, invariant, message, at, traceHash, critical, notes, events } = evidence;
  const simulated = { token, scenario, verdict, invariant, message, at, traceHash, critical, notes, events };
  return toJson({ ...simulated, ...(real !== undefined && { real }) });
}

/** Data as JSON that is safe for a terminal. */
export function toJson(data: unknown): string {
  return escapeJson(stringify(data, 2));
}
