import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { PACKAGE_SCENARIOS } from '../../src/systems/packages/scenarios.ts';

describe('peers', () => {
  it('all packages are installed here', () => expect(PACKAGE_SCENARIOS).toHaveLength(7));

  it.each(PACKAGE_SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
    '%s is violated within 1,000 runs',
    async (_, scenario) => {
      const report = await check(scenario, { seed: 1, runs: 1_000 });
      expect(report).toMatchObject({ verdict: 'violated', ok: true });
      // Whom no fault may strike is not counted.
      const owners = scenario.start.filter(({ foreign }) => foreign).length;
      expect(report.violations[0]!.contenders + owners).toBe(scenario.id.includes('lockfile2') ? 3 : 2);
    },
  );
});
