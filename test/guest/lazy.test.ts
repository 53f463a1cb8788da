/** Objects whose members are made when they are first used look like ordinary objects. */
import { describe, expect, it } from 'vitest';
import { lazyObject, originalMember } from '../../src/guest/lazy.ts';

const members = new Map([
  ['first', (own: string[]) => made(own, 'first')],
  ['second', (own: string[]) => made(own, 'second')],
]);

function made(own: string[], name: string): () => string {
  own.push(name);
  return () => name;
}

function example() {
  const log: string[] = [];
  return { log, lazy: lazyObject(members, log, { present: 1 }) };
}

describe('a lazy object', () => {
  it('makes a member once, when it is used', () => {
    const { log, lazy } = example();
    expect(log).toEqual([]);
    expect(lazy.second).toBe(lazy.second);
    expect(log).toEqual(['second']);
    expect('first' in lazy).toBe(true);
    expect(lazy.missing).toBeUndefined();
  });

  it('has all of its members for a library that copies it', () => {
    expect(Object.keys({ ...example().lazy })).toEqual(['present', 'first', 'second']);
    const copy = {};
    const { lazy } = example();
    for (const name of Object.getOwnPropertyNames(lazy))
      Object.defineProperty(copy, name, Object.getOwnPropertyDescriptor(lazy, name)!);
    expect(copy).toEqual({ present: 1, first: lazy.first, second: lazy.second });
  });

  it('keeps what a library writes to it, and what it deletes stays away', () => {
    const { lazy } = example();
    lazy.first = 'patched';
    expect(lazy.first).toBe('patched');
    expect(delete lazy.second).toBe(true);
    expect(lazy.second).toBeUndefined();
    expect(Object.keys(lazy)).toEqual(['present', 'first']);
    expect(Object.isFrozen(Object.freeze(example().lazy))).toBe(true);
  });

  it('gives a member as it was before the program replaced, defined or deleted it', () => {
    const { log, lazy } = example();
    lazy.first = 'patched';
    Object.defineProperty(lazy, 'second', { value: 'defined' });
    delete (lazy as { present?: unknown }).present;
    const originals = ['first', 'second'].map((name) => (originalMember(lazy, name) as () => string)());
    expect(originals).toEqual(['first', 'second']);
    expect(originalMember(lazy, 'present')).toBe(1);
    expect(log).toEqual(['first', 'second']);
    expect(originalMember({ own: 2 }, 'own')).toBe(2);
  });
});
