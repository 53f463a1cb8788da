import type { Invariant, Scenario } from '../scenario/index.ts';
import type { Strategy } from '../schedule/index.ts';
import { defaultsOf, type FaultSettings } from '../sim/index.ts';
import type { Colors } from './colors.ts';
import { printable, stringify } from './escape.ts';
import { toJson } from './json.ts';
import { padEnd, widthOf, wrap } from './wrap.ts';

/** All that there is to choose from. */
export interface Listing {
  readonly scenarios: readonly (Pick<Scenario, 'id' | 'about' | 'expects' | 'faults'> & {
    readonly invariants: readonly Pick<Invariant, 'kind' | 'name'>[];
  })[];
  readonly faults: readonly {
    readonly name: string;
    readonly about: string;
    readonly defaults?: Partial<FaultSettings>;
  }[];
  readonly strategies: readonly Pick<Strategy, 'name' | 'about'>[];
}

const KINDS = ['always', 'eventually', 'sometimes'] as const;

export function listJson({ scenarios, faults, strategies }: Listing): string {
  return toJson({
    scenarios: scenarios.map(({ id, about, expects, invariants, faults }) => ({
      id,
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
  });
}

export function list(listing: Listing, { colors, width = 100 }: { colors: Colors; width?: number }): string {
  const { bold, dim, yellow } = colors;
  const scenarios = listing.scenarios.flatMap(({ id, about, expects, invariants, faults }) => {
    const line = `  ${bold(printable(id))}${expects === 'violation' ? yellow('  expects a violation') : ''}`;
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
  return [
    bold('Scenarios'),
    ...(scenarios.length === 0 ? ['  none'] : scenarios),
    '',
    bold('Faults'),
    ...pairs(listing.faults, dim, (fault) => `default: ${defaultsText(fault)}`),
    '',
    bold('Strategies'),
    ...pairs(listing.strategies, dim),
  ].join('\n');
}

/** The settings of a fault where a scenario says nothing, as a scenario would write them: `{ max: 1, forMs: [100, 900] }`. */
export function defaultsText(fault: { readonly defaults?: Partial<FaultSettings> }): string {
  const settings = Object.entries(defaultsOf(fault)).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(', ')}]` : stringify(value)}`,
  );
  return `{ ${settings.join(', ')} }`;
}

/** JSON has no infinity. */
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
