/** What invariants see of who owns, of signals, and of what they remember themselves. */
import { describe, expect, it } from 'vitest';
import { Claims } from '../../src/scenario/claims.ts';
import { InvariantState } from '../../src/scenario/invariant-state.ts';
import { atMostOneOwner } from '../../src/scenario/invariants.ts';
import { World } from '../../src/scenario/world.ts';
import { AccessLog, CellTable, logAccesses, type SimProcess } from '../../src/sim/index.ts';
import { withPuppets } from '../sim/puppets.ts';

/** A world, and two processes in it. */
function inWorld<T>(body: (world: World, one: SimProcess, other: SimProcess) => T): Promise<T> {
  return withPuppets((puppets, one) => {
    const world = new World();
    world.machine = puppets.machine;
    return body(world, one, puppets.start());
  });
}

/** The names of the cells that are written. */
function written(work: () => void): string[] {
  const cells = new CellTable();
  const log = new AccessLog(cells);
  logAccesses(log);
  try {
    work();
  } finally {
    logAccesses(null);
  }
  return [...log.writes].map((cell) => cells.nameOf(cell));
}

describe('an owner', () => {
  const [one, other] = [{ name: 'one' }, { name: 'other' }];

  it('that was superseded must not act', () => {
    const claims = new Claims();
    claims.marked(one, 'own', { token: 1 });
    claims.marked(one, 'act', {});
    expect(claims.staleAct).toBeNull();
    claims.marked(other, 'own', { token: 2 });
    claims.marked(one, 'act', {});
    expect(claims.staleAct).toBe('one acted under token 1 after token 2 was granted');
  });

  it('with a lower token is no owner any more', () => {
    const claims = new Claims();
    claims.marked(one, 'own', { token: 1 });
    claims.marked(other, 'own', { token: 2 });
    expect(claims.current.map(({ process }) => process)).toEqual([other]);
  });

  it('that has ended owns nothing', () =>
    inWorld((world, owner) => {
      world.marked(owner, 'own', {});
      expect(world.currentClaims).toHaveLength(1);
      world.ended(owner);
      expect(world.currentClaims).toEqual([]);
    }));

  it('that ends changes who owns', () =>
    inWorld((world, owner) => {
      world.marked(owner, 'own', {});
      expect(written(() => world.ended(owner))).toContain('claims');
    }));

  it('may not have a second one beside it', () =>
    inWorld((world, owner, second) => {
      world.marked(owner, 'own', {});
      expect(atMostOneOwner.check(world)).toBeNull();
      world.marked(second, 'own', {});
      expect(atMostOneOwner.check(world)).toEqual(expect.stringMatching(/^2 owners at once/));
    }));
});

describe('a signal', () => {
  const provenOf = (world: World) => world.signals.map(({ proven }) => proven);

  it('to a PID alone is not proven, to an exact process and to itself it is', () =>
    inWorld((world, one, other) => {
      world.signalled(one, other, 'SIGTERM', false);
      world.signalled(one, other, 'SIGTERM', true);
      world.signalled(one, one, 'SIGTERM', false);
      expect(provenOf(world)).toEqual([false, true, true]);
    }));

  it('to a child is proven', () =>
    withPuppets((puppets, parent) => {
      const world = new World();
      world.machine = puppets.machine;
      world.signalled(parent, puppets.start({ parent }), 'SIGTERM', false);
      expect(provenOf(world)).toEqual([true]);
    }));

  it('of a foreign process is none of the system', () =>
    withPuppets((puppets, target) => {
      const world = new World();
      world.machine = puppets.machine;
      world.signalled(puppets.start({ foreign: true }), target, 'SIGTERM', false);
      expect(world.signals).toEqual([]);
    }));
});

describe('what an invariant remembers', () => {
  it('counts as changed once it was looked at, if it is an object', () => {
    const state = new InvariantState([
      ['object', []],
      ['number', 1],
    ]);
    expect(written(() => state.get('object'))).toHaveLength(1);
    expect(written(() => state.get('number'))).toEqual([]);
  });

  it('is as it was in a copy, whatever becomes of it', () => {
    const state = new InvariantState([['seen', ['one']]]);
    const copy = state.copy();
    (state.get('seen') as string[]).push('other');
    expect(copy.get('seen')).toEqual(['one']);
  });
});
