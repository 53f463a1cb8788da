import { installedVersion } from '../../guest/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { LOCKFILE } from './lockfile.ts';
import { PROPER_LOCKFILE } from './proper-lockfile.ts';

/** Published packages that run as guests, in the version whose behaviour the scenarios know. */
const PACKAGES = [
  { name: 'proper-lockfile', version: '4.1.2', scenarios: PROPER_LOCKFILE },
  { name: 'lockfile', version: '1.0.4', scenarios: LOCKFILE },
] as const;

/** Scenarios of a package that is not installed here, and what to do about it. */
export interface Missing {
  readonly scenarios: readonly Pick<Scenario, 'id' | 'expects'>[];
  readonly why: string;
}

const looked = PACKAGES.map((entry) => ({ ...entry, found: installedVersion(import.meta.url, entry.name) }));

/** Those whose package is installed. */
export const PEERS: readonly Scenario[] = looked.flatMap(({ version, found, scenarios }) =>
  found === version ? scenarios : [],
);

export const MISSING_PEERS: readonly Missing[] = looked
  .filter(({ version, found }) => found !== version)
  .map(({ name, version, found, scenarios }) => ({
    scenarios,
    why: `they run ${name} ${version}, and ${found === null ? 'it is not installed' : `version ${found} is installed`}: npm install --save-dev ${name}@${version}`,
  }));
