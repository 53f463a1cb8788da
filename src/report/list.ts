import type { Invariant, Scenario } from '../scenario/index.ts';
import type { Strategy } from '../schedule/index.ts';
import { defaultsOf, type FaultSettings } from '../sim/index.ts';
import type { Colors } from './colors.ts';
import { printable, stringify } from './escape.ts';
import { toJson } from './json.ts';
import { padEnd, widthOf, wrap } from './wrap.ts';

/** Everything that `list` shows. */
export interface Listing {
  readonly scenarios: readonly (Pick<Scenario, 'id' | 'about' | 'expects' | 'faults'> & {
    readonly invariants: readonly Pick<Invariant, 'kind' | 'name'>[];
    /** The file that exports it, relative to the working directory; `null` if built in. */
    readonly file: string | null;
  })[];
  readonly faults: readonly {
    readonly name: string;
    readonly about: string;
    readonly defaults?: Partial<FaultSettings>;
  }[];
  readonly strategies: readonly Pick<Strategy, 'name' | 'about'>[];
  /** What was selected but cannot be listed. Default: nothing. */
  readonly unusable?: readonly UnusableEntry[];
}

/** A file that cannot be loaded, or a scenario whose package is not installed. */
export interface UnusableEntry {
  /** The path of the file, or the ID of the scenario, as in the report of `check`. */
  readonly id: string;
  readonly reason: string;
}

const KINDS = ['always', 'eventually', 'sometimes'] as const;

export function listJson({ scenarios, faults, strategies, unusable = [] }: Listing): string {
  return toJson({
    scenarios: scenarios.map(({ id, file, about, expects, invariants, faults }) => ({
      id,
      file,
      about,
      expects,
      invariants: invariants.map(({ kind, name }) => ({ kind, name })),
      faults: Object.keys(faults),
    })),
    faults: faults.map(({ name, about, defaults }) => ({
      name,
      about,
      defaults: {
        ...defaultsOf({ defaults }),
        ...(defaults?.forMs && { forMs: defaults.forMs.map(finite) }),
      },
    })),
    strategies: strategies.map(({ name, about }) => ({ name, about })),
    unusable,
  });
}

export interface ListStyle {
  readonly colors: Colors;
  readonly width?: number;
  /** Leaves out faults and strategies, for a selection of scenarios. */
  readonly onlyScenarios?: boolean;
}

export function list(listing: Listing, { colors, width = 100, onlyScenarios = false }: ListStyle): string {
  const { bold, dim, yellow } = colors;
  const scenarios = listing.scenarios.flatMap(({ id, file, about, expects, invariants, faults }) => {
    const place = file === null ? '' : dim(`  ${printable(file)}`);
    const line = `  ${bold(printable(id))}${expects === 'violation' ? yellow('  expects a violation') : ''}${place}`;
    const names = Object.keys(faults);
    const facts = [
      ...(about === '' ? [] : [about]),
      ...KINDS.flatMap((kind) => {
        const named = invariants.filter((invariant) => invariant.kind === kind).map(({ name }) => name);
        return named.length === 0 ? [] : [`${kind}: ${named.join(' · ')}`];
      }),
      ...(names.length === 0 ? [] : [`faults: ${names.join(' · ')}`]),
    ];
    return [
      line,
      ...facts
        .flatMap((fact) => wrap(printable(fact), width - 4, { most: 6 }))
        .map((text) => dim(`    ${text}`)),
    ];
  });
  const selected = [bold('Scenarios'), ...(scenarios.length === 0 ? ['  none'] : scenarios)];
  if (onlyScenarios) return selected.join('\n');
  return [
    ...selected,
    '',
    bold('Faults'),
    ...pairs(listing.faults, dim, (fault) => `default: ${defaultsText(fault)}`),
    '',
    bold('Strategies'),
    ...pairs(listing.strategies, dim),
  ].join('\n');
}

/** The default settings of a fault, as a scenario would write them: `{ max: 1, forMs: [100, 900] }`. */
export function defaultsText(fault: { readonly defaults?: Partial<FaultSettings> }): string {
  const settings = Object.entries(defaultsOf(fault)).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(', ')}]` : stringify(value)}`,
  );
  return `{ ${settings.join(', ')} }`;
}

/** JSON has no Infinity. */
function finite(ms: number): number | string {
  return Number.isFinite(ms) ? ms : String(ms);
}

function pairs<Item extends { name: string; about: string }>(
  items: readonly Item[],
  dim: (text: string) => string,
  more: (item: Item) => string | null = () => null,
): string[] {
  const width = Math.max(0, ...items.map(({ name }) => widthOf(name)));
  return items.flatMap((item) => {
    const line = `  ${padEnd(printable(item.name), width)}  ${dim(printable(item.about))}`;
    const below = more(item);
    return below === null ? [line] : [line, `  ${padEnd('', width)}  ${dim(printable(below))}`];
  });
}
