// Published programs as they are: npm run guests:install installs them, simulate's scenario finds what is wrong, and the recorded token replays.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { FOUND } from '../../fixtures/guests/published-programs.mjs';
import { check, replay } from '../../src/check/index.ts';
import { commandScenario } from '../../src/simulate/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.each(FOUND)('$name $version', ({ name, command, token, invariant, message, runs }) => {
  let missing: string | null = null;

  beforeAll(() => {
    try {
      execFileSync(process.execPath, ['scripts/guests-install.mjs', name], { cwd: ROOT, stdio: 'pipe' });
    } catch (error) {
      missing = String((error as { stderr?: unknown }).stderr ?? error).trim();
    }
  }, 300_000);

  it('its token replays', async (context) => {
    if (missing !== null) context.skip(`not installed: ${missing}`);
    const { failure } = await replay(token, () => commandScenario(command));
    expect(failure).toMatchObject({ invariant, message });
  });

  it('is found', async (context) => {
    if (missing !== null) context.skip(`not installed: ${missing}`);
    const { violations } = await check(commandScenario(command), { seed: 1, runs, isolation: false });
    expect(violations).toMatchObject([{ invariant }]);
  });
});
