import {
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../check/index.ts';
import { cleaner, editor, terminal } from './actors.ts';
import { client, detached, stop } from './client.ts';
import { type HostRules, host } from './host.ts';
import { CONFIG } from './setup.ts';

export interface McporterOptions extends Partial<ScenarioOptions> {
  id: string;
  about: string;
  start: ScenarioOptions['start'];
  invariants: readonly Invariant[];
}

/** Some daemon comes to serve, or the runs prove nothing. */
export const OWNED = sometimes('a daemon serves', 'own');

/** A machine with mcporter on it, in one version of its host. */
export function mcporter(rules: HostRules, { invariants, machine, ...options }: McporterOptions): Scenario {
  return scenario({
    programs: {
      host: host(rules),
      detached: detached(rules.looks),
      client: client(rules.looks),
      stop,
      terminal,
      editor,
      cleaner,
    },
    machine: { files: { [CONFIG]: '{}' }, ...machine },
    faultsForMs: 3_000,
    settleMs: 15_000,
    ...options,
    invariants: [...invariants, OWNED],
  });
}

/** Another version, in which one thing goes wrong. */
export function bug(rules: HostRules, options: McporterOptions & { violates: string }): Scenario {
  return mcporter(rules, { expects: 'violation', ...options });
}
