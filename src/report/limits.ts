/**
 * The limits of a verdict, for the end of a report: bounds, assumptions, and what was not exercised. Any of these could hide a
 * violation.
 */
import type { RunBounds } from '../scenario/index.ts';
import { count, whole } from '../scenario/wording.ts';
import type { Colors } from './colors.ts';
import { printable } from './escape.ts';
import type { CheckedScenario } from './report.ts';
import { wrap } from './wrap.ts';

const LABEL_WIDTH = 9;
/** The maximum number of faults to name. */
const MOST_FAULTS = 8;

/** Lines with a label and a text, for all scenarios of a report together. */
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
    )} pass while a process could run, in the first ${range(({ busyUntilMs }) => busyUntilMs / 1_000, seconds)}`,
  ];
}

/** The longest sleep of all scenarios that did not end within its run. */
function sleptOf(all: readonly RunBounds[]): string[] {
  const longestMs = Math.max(...all.map(({ unawaitedSleepMs = 0 }) => unawaitedSleepMs));
  return longestMs === 0
    ? []
    : [`a sleep of ${seconds(longestMs / 1_000)} was not waited for: raise settleMs`];
}

function faultsOf(all: readonly RunBounds[]): string {
  const names = distinct(all.flatMap(({ faults }) => Object.keys(faults)));
  if (names.length === 0) return 'no faults';
  if (names.length > MOST_FAULTS) return 'faults as defined by each scenario (see list)';
  const each = names.map((name) => {
    const counts = all.map(({ faults }) => faults[name] ?? 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return `${least === most ? whole(most) : `${whole(least)} to ${whole(most)}`} ${name}`;
  });
  return `at most ${each.join(', ')} in a run`;
}

/** Omitted parts of scenarios that are ok anyway; otherwise they are in the reason of the verdict. */
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

/** Enabled faults that never struck, because of a mistyped path or a short search. */
function unstruckOf(scenarios: readonly CheckedScenario[]): string {
  return neverOf(scenarios, ({ struck }) => struck, 'faults that struck in no run');
}

/** Programs that only other programs start and that never started, because of a mistake or a short search. */
function unbegunOf(scenarios: readonly CheckedScenario[]): string {
  return neverOf(scenarios, ({ spawned }) => spawned, 'programs that started in no run');
}

function neverOf(
  scenarios: readonly CheckedScenario[],
  countsOf: (scenario: CheckedScenario) => Readonly<Record<string, number>>,
  what: string,
): string {
  const each = scenarios
    .filter(({ verdict }) => verdict === 'passed' || verdict === 'inconclusive')
    .map((scenario) => ({ id: scenario.id, counts: Object.entries(countsOf(scenario)) }))
    .map(({ id, counts }) => ({ id, names: counts.filter(([, n]) => n === 0).map(([name]) => name) }))
    .filter(({ names }) => names.length > 0)
    .map(({ id, names }) => (scenarios.length === 1 ? names.join(', ') : `${id}: ${names.join(', ')}`));
  return each.length === 0 ? '' : `${what}: ${each.join('; ')}`;
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
