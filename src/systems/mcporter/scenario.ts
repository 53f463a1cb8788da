import {
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import { cleaner, editor, locker, restarter, stranger, terminal, upgrader } from './actors.ts';
import { client, detached } from './client.ts';
import { type HostRules, host } from './host.ts';
import { CONFIG, DIRECTORY } from './setup.ts';

export interface McporterOptions extends Omit<Partial<ScenarioOptions>, 'machine'> {
  id: string;
  about: string;
  start: ScenarioOptions['start'];
  invariants: readonly Invariant[];
  /** Beside the configuration. */
  files?: Readonly<Record<string, string | null>>;
  /** Which operations have a result that comes later than their effect. */
  twoPhase?: NonNullable<ScenarioOptions['machine']>['twoPhase'];
  /** Whether there is a configuration file; unless said, there is. */
  configured?: boolean;
}

/** Some daemon comes to serve, or the runs prove nothing. */
export const OWNED = sometimes('a daemon serves', 'own');

/** A machine with mcporter on it, in one version of its host. */
export function mcporter(
  rules: HostRules,
  { invariants, files = {}, twoPhase, configured = true, ...options }: McporterOptions,
): Scenario {
  return scenario({
    programs: {
      host: host(rules),
      detached: detached(rules),
      client: client(rules),
      locker: locker(rules),
      restarter,
      stranger,
      terminal,
      editor,
      upgrader,
      cleaner,
    },
    machine: {
      files: { [DIRECTORY]: null, ...(configured && { [CONFIG]: '{}' }), ...files },
      ...(twoPhase && { twoPhase }),
    },
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
