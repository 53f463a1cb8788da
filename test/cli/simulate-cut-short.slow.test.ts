/** `simulate` whose time is up when it has found a violation: what was not searched is said. */
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { check, Deadline } from '../../src/check/index.ts';
import { detailsOf } from '../../src/cli/actions/simulate-report.ts';
import { commandScenario } from '../../src/simulate/index.ts';
import { project } from './run.ts';

const FILE = join(import.meta.dirname, '../../fixtures/guests/daemons/sync-pid-file.cjs');

it('a report says that the searches for less time and for the events that decide were cut short', async () => {
  const options = { file: FILE, faults: [] };
  const command = { ...options, id: commandScenario(options).id };
  const found = await check(commandScenario(command), { seed: 1, runs: 300 });
  expect(found.verdict).toBe('violated');
  vi.spyOn(process, 'cwd').mockReturnValue(project());
  const { details, token } = await detailsOf(command, found, new Deadline(performance.now()));
  vi.restoreAllMocks();
  expect(token).toBe(found.violations[0]!.token);
  expect(details.evidence?.critical).toBeNull();
  expect(details.evidence?.notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^shrinking was cut short: the time was up/),
      'the search for the two events whose order decides was cut short: the time was up',
    ]),
  );
});
