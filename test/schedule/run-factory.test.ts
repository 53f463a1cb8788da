/** Which runs a search makes, and which of them only to learn from. */
import { expect, it } from 'vitest';
import { findStrategy } from '../../src/schedule/index.ts';
import { RunFactory } from '../../src/schedule/run-factory.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';

const novelty = findStrategy('novelty')!;

it('a run to learn from that was interrupted is made again', () => {
  const factory = new RunFactory(MODEL[0]!, novelty, 3, { choices: 100 });
  const first = factory.next(2);
  expect(first).toMatchObject({ number: 0, counts: false });
  factory.interrupted(first);
  expect(factory.next(2)).toMatchObject({ number: 0, counts: false });
  factory.done();
  expect(factory.next(2)).toMatchObject({ number: 1, counts: false });
  factory.done();
  expect(factory.next(2)).toMatchObject({ number: 2, counts: true });
});
