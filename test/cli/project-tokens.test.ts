// A lock that checks and then writes, its recorded token, and what check --strict and replay say of the token when the program changes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { check, type Recorded, replay } from '../../src/check/index.ts';
import { departureNote, TokensOfCheck } from '../../src/cli/project-tokens.ts';
import { recordedTokenOf } from '../../src/project/record.ts';
import { TokenStore } from '../../src/project/token-store.ts';
import { atMostOneOwner, type Scenario, scenario } from '../../src/scenario/index.ts';

type Change = 'none' | 'two more operations' | 'fixed, same operations' | 'fixed, other operations';

function threeStarts(change: Change): Scenario {
  return scenario({
    id: 'mine/lock/three-starts',
    programs: {
      daemon: async ({ fs, process, clock, mark }) => {
        if (change === 'two more operations') {
          await fs.mkdir('/tmp/d', { recursive: true });
          await fs.readdir('/tmp/d');
        }
        const { pid } = await process.self();
        await clock.sleep((pid % 3) * 200);
        const isTaken = await fs.stat('/tmp/lock').then(
          () => true,
          () => false,
        );
        if (isTaken) return 0;
        const flag = change === 'fixed, other operations' ? 'wx' : 'w';
        const took = await fs.writeFile('/tmp/lock', `${pid}`, { flag }).then(
          () => true,
          () => false,
        );
        if (took && change !== 'fixed, same operations') mark('own');
        await clock.sleep(1_000);
        mark('release');
        return 0;
      },
    },
    start: [{ program: 'daemon', count: 3 }],
    machine: { files: { '/tmp': null } },
    invariants: [atMostOneOwner],
  });
}

const ORIGINAL = threeStarts('none');
const recorded = await check(ORIGINAL, { seed: 1 }).then(({ violations: [found] }) =>
  recordedTokenOf(ORIGINAL, found!),
);

/** What a check of a few runs says of the only token of a project. */
async function checked(change: Change, log = recorded.log) {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-strict-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  new TokenStore(folder).add([{ ...recorded, log }]);
  const now = threeStarts(change);
  const notes: string[] = [];
  const tokens = new TokensOfCheck(folder, ['race.mjs'], {
    writes: false,
    onNote: (text) => notes.push(text),
  });
  const known: Recorded[] = tokens.of({ scenario: now });
  const report = await check(now, { seed: 1, runs: 2, recorded: known });
  const outdated = tokens.countOutdated([report]);
  const again = await replay(recorded.token, () => now);
  const note = await departureNote(folder, recorded.token, again, 'race.mjs');
  return { report, outdated, notes, again, note };
}

describe('a recorded token', () => {
  it('is outdated if its choices fit the changed program, but the run is another one', async () => {
    const { report, outdated, notes, again, note } = await checked('two more operations');
    // Nothing else shows that the token is of no use any more.
    expect([again.verdict, again.misfit, report.verdict]).toEqual(['passed', null, 'passed']);
    expect(outdated).toBe(1);
    expect(report.skipped).toEqual([
      expect.stringMatching(
        /violates nothing, and the run no longer follows the recorded log from step 2 on: the log has "daemon#\d self", the run has "daemon#\d mkdir \/tmp\/d"$/,
      ),
    ]);
    expect(notes.join()).toContain('npx one-survivor tokens update race.mjs');
    expect(note).toMatch(/from step 2 on: .*: npx one-survivor tokens update race\.mjs$/);
  });

  it('stays a regression test if its run follows the log and violates nothing any more', async () => {
    const { report, outdated, notes, again, note } = await checked('fixed, same operations');
    expect(again.verdict).toBe('passed');
    expect([outdated, report.skipped, notes, note]).toEqual([0, undefined, [], null]);
  });

  it('of a fixed bug is outdated if the fix changes the run', async () => {
    const { outdated, note } = await checked('fixed, other operations');
    expect([outdated, note]).toEqual([1, expect.stringContaining('no longer follows the recorded log')]);
  });

  it('without a log is judged by its choices only', async () => {
    const { outdated, note } = await checked('two more operations', null);
    expect([outdated, note]).toEqual([0, null]);
  });

  it('that still shows its violation is not compared', async () => {
    const { report, outdated, note } = await checked('none');
    expect([report.verdict, outdated, note]).toEqual(['violated', 0, null]);
  });
});
