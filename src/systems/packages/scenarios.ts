/** Published packages that run as guests. Their scenarios are there only where the package is installed. */
import { installedVersion } from '../../guest/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { LOCKFILE } from './lockfile.ts';
import { PROPER_LOCKFILE, PROPER_LOCKFILE_2 } from './proper-lockfile.ts';

/** In the versions whose behaviour the scenarios know. */
const PACKAGES = [
  { name: 'proper-lockfile', version: '4.1.2', scenarios: PROPER_LOCKFILE },
  { name: '@bybrave/proper-lockfile2', version: '5.0.0', scenarios: PROPER_LOCKFILE_2 },
  { name: 'lockfile', version: '1.0.4', scenarios: LOCKFILE },
] as const;

/** Scenarios of a package that is not installed here, and what to do about it. */
export interface Missing {
  readonly scenarios: readonly Pick<Scenario, 'id' | 'expects'>[];
  readonly why: string;
}

const looked = PACKAGES.map((entry) => ({
  ...entry,
  installed: installedVersion(import.meta.url, entry.name),
}));

/** Those whose package is installed. */
export const PACKAGE_SCENARIOS: readonly Scenario[] = looked.flatMap(({ version, installed, scenarios }) =>
  installed === version ? scenarios : [],
);

export const MISSING_PACKAGES: readonly Missing[] = looked
  .filter(({ version, installed }) => installed !== version)
  .map(({ name, version, installed, scenarios }) => ({
    scenarios,
    why: `they run ${name} ${version}, and ${installed === null ? 'it is not installed' : `version ${installed} is installed`}: npm install --save-dev ${name}@${version}`,
  }));
