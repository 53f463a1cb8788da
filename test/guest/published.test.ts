/** The adapters of the report card: each lock that `npm ci` installs is taken, and refused to a second one. */
import { describe, expect, it } from 'vitest';
import { ADAPTERS } from '../../fixtures/report-card/locks.mjs';
import { guestProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

describe('an adapter of the report card', () => {
  it.each(['proper-lockfile', '@bybrave/proper-lockfile2', 'lockfile'])(
    '%s: one has the lock, another one does not, and it can be had again',
    async (name) => {
      const program = guestProgram({
        from: import.meta.url,
        async main(require, ports, [waitMs], { setTimeout }) {
          await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
          const release = await ADAPTERS[name]!.acquire(require, () => {});
          ports.mark(release === null ? 'lost' : 'own');
          if (release === null) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
          await release();
        },
      });
      const { events, failure } = await runOnce(
        scenarioOf(
          { program },
          {
            start: ['0', '50', '2000'].map((waitMs) => ({ program: 'program', argv: [waitMs] })),
            machine: { files: { '/run/app': '' } },
            faultsForMs: 5_000,
          },
        ),
      );
      expect(failure).toBeNull();
      const marks = events.filter(({ op }) => op === 'mark').map(({ process, args }) => [process, args.name]);
      expect(marks).toEqual([
        ['program#1', 'own'],
        ['program#2', 'lost'],
        ['program#3', 'own'],
      ]);
    },
  );
});
