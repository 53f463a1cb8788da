/** A selected scenario, and what can be selected but not checked. */

import { fileURLToPath } from 'node:url';
import type { Scenario } from '../scenario/index.ts';
import type { ModuleError } from '../scenario/modules.ts';
import { UsageError } from './errors.ts';

/** A scenario, and where another thread finds it. */
export interface Target {
  readonly scenario: Scenario;
  /** The module that exports it. */
  readonly url: string;
  /** The file that `replay --from` needs to find it; `null` if `replay` finds it without. */
  readonly from: string | null;
  /** Whether it belongs to this package. */
  readonly builtIn?: boolean;
}

/** Something that was selected but cannot be checked, while other scenarios can. */
export type Unusable = BrokenFile | MissingScenario;

/** A file that cannot be loaded, or exports no scenario. */
export interface BrokenFile {
  /** As named on the command line, or relative to the working directory. */
  readonly file: string;
  readonly error: ModuleError | NoScenarioError;
}

/** A scenario that requires a published package that is not installed. */
export interface MissingScenario {
  readonly scenario: Pick<Scenario, 'id' | 'expects'>;
  readonly error: UsageError;
}

export class NoScenarioError extends UsageError {}

/** The argument that selects exactly this scenario: its ID, or FILE#ID. */
export function wordOf({ scenario: { id }, from }: Pick<Target, 'scenario' | 'from'>): string {
  return from === null ? id : `${from}#${id}`;
}

/** Removes duplicates, and rejects two scenarios with the same ID. */
export function distinct(targets: readonly Target[]): Target[] {
  const byId = new Map<string, Target>();
  for (const target of targets) {
    const other = byId.get(target.scenario.id);
    if (other === undefined) byId.set(target.scenario.id, target);
    else if (other.url !== target.url || other.scenario !== target.scenario) {
      throw new UsageError(
        `two scenarios have the id ${target.scenario.id}: one in ${placeOf(other)}, one in ${placeOf(target)}; change one of the ids`,
      );
    }
  }
  return [...byId.values()];
}

function placeOf({ url, builtIn }: Target): string {
  if (builtIn) return 'this package';
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}
