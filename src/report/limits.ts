/**
 * What a verdict rests on, for the end of a report: how far the runs went, what they took as given, and what they did not
 * exercise. Any of these could hide a violation.
 */
import type { RunBounds } from '../scenario/index.ts';
import type { Colors } from './colors.ts';
import { printable } from './escape.ts';
import { count, whole } from './numbers.ts';
import type { CheckedScenario } from './report.ts';
import { wrap } from './wrap.ts';

const LABEL_WIDTH = 9;
/** More names of faults than these would fill the screen. */
const MOST_FAULTS = 8;

/** Lines of a label and a text each, for all scenarios of a report together. */
export function limitsOf(
  scenarios: readonly CheckedScenario[],
  { colors, width }: { readonly colors: Colors; readonly width: number },
): string[] {
  if (scenarios.length === 0) return [];
  return [
    ...line('bounds', boundsOf(scenarios).join(' · ')),
    ...line('assumed', distinct(scenarios.flatMap(({ assumed }) => assumed)).join('; ')),
    ...line('omitted', omittedOf(scenarios)),
    ...line('not met', unexercisedOf(scenarios)),
    ...line('unstruck', unstruckOf(scenarios)),
    ...line('unbegun', unbegunOf(scenarios)),
  ];

  function line(label: string, text: string): string[] {
    if (text === '') return [];
    return wrap(printable(text), width - LABEL_WIDTH, { indent: 0, most: 12 }).map((part, i) =>
      colors.dim(`${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${part}`),
    );
  }
}

function boundsOf(scenarios: readonly CheckedScenario[]): string[] {
  const all = scenarios.flatMap(({ bounds }) => bounds ?? []);
  if (all.length === 0) return [];
  const range = (of: (bounds: RunBounds) => number, show: (n: number) => string): string => {
    const values = all.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? show(most) : `${show(least)} to ${show(most)}`;
  };
  return [
    `runs end after ${range(({ endsAtMs }) => endsAtMs / 1_000, seconds)} of simulated time`,
    ...sleptOf(all),
    `faults strike for ${range(({ faultsForMs }) => faultsForMs / 1_000, seconds)}`,
    faultsOf(all),
    `an operation takes ${range(
      ({ operationUs }) => operationUs,
      (us) => (us === 0 ? 'no time' : `${whole(us)} µs`),
    )}`,
    `up to ${range(
      ({ busyMs }) => busyMs,
      (ms) => `${whole(ms)} ms`,
    )} pass while a process could go on, in the first ${range(({ busyUntilMs }) => busyUntilMs / 1_000, seconds)}`,
  ];
}

/** The longest of all: it says that a run of this length cannot see what comes after it. */
function sleptOf(all: readonly RunBounds[]): string[] {
  const longestMs = Math.max(...all.map(({ unawaitedSleepMs = 0 }) => unawaitedSleepMs));
  return longestMs === 0
    ? []
    : [`a sleep of ${seconds(longestMs / 1_000)} was not waited for: raise settleMs`];
}

function faultsOf(all: readonly RunBounds[]): string {
  const names = distinct(all.flatMap(({ faults }) => Object.keys(faults)));
  if (names.length === 0) return 'no faults';
  if (names.length > MOST_FAULTS) return 'faults as each scenario says (see list)';
  const each = names.map((name) => {
    const counts = all.map(({ faults }) => faults[name] ?? 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return `${least === most ? whole(most) : `${whole(least)} to ${whole(most)}`} ${name}`;
  });
  return `at most ${each.join(', ')} in a run`;
}

/** Of scenarios that are ok all the same: else the reason of the verdict says it. */
function omittedOf(scenarios: readonly CheckedScenario[]): string {
  const accepted = scenarios.filter(({ ok, omitted }) => ok && omitted.length > 0);
  if (scenarios.length === 1) return accepted.flatMap(({ omitted }) => omitted).join('; ');
  return accepted.map(({ id, omitted }) => `${id}: ${omitted.join('; ')}`).join('. ');
}

function unexercisedOf(scenarios: readonly CheckedScenario[]): string {
  const passed = scenarios.filter(({ verdict }) => verdict === 'passed');
  const names = passed.flatMap(({ exercised }) =>
    exercised.filter(({ runs }) => runs === 0).map(({ invariant }) => `"${invariant}"`),
  );
  if (names.length === 0) return '';
  const where =
    scenarios.length === 1 ? '' : ` in ${count(passed.filter(hasUnexercised).length, 'scenario')}`;
  return `what ${distinct(names).join(', ')} ${distinct(names).length === 1 ? 'requires' : 'require'}, which is optional${where}`;
}

/** Faults that may strike, and found nothing to strike: a mistyped path, or a search that was too short. */
function unstruckOf(scenarios: readonly CheckedScenario[]): string {
  const each = scenarios
    .filter(({ verdict }) => verdict === 'passed' || verdict === 'inconclusive')
    .map(({ id, struck }) => ({ id, names: Object.keys(struck).filter((name) => struck[name] === 0) }))
    .filter(({ names }) => names.length > 0);
  if (each.length === 0) return '';
  const what = each.map(({ id, names }) =>
    scenarios.length === 1 ? names.join(', ') : `${id}: ${names.join(', ')}`,
  );
  return `faults that struck in no run: ${what.join('; ')}`;
}

/** Programs that only others start: the condition on which they do may be mistyped, or the search was too short. */
function unbegunOf(scenarios: readonly CheckedScenario[]): string {
  const each = scenarios
    .filter(({ verdict }) => verdict === 'passed' || verdict === 'inconclusive')
    .map(({ id, spawned }) => ({ id, names: Object.keys(spawned).filter((name) => spawned[name] === 0) }))
    .filter(({ names }) => names.length > 0);
  if (each.length === 0) return '';
  const what = each.map(({ id, names }) =>
    scenarios.length === 1 ? names.join(', ') : `${id}: ${names.join(', ')}`,
  );
  return `programs that began in no run: ${what.join('; ')}`;
}

function hasUnexercised({ exercised }: CheckedScenario): boolean {
  return exercised.some(({ runs }) => runs === 0);
}

function seconds(n: number): string {
  return `${Number.isInteger(n) ? whole(n) : n.toFixed(1)} s`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
