/** The same programs of Node, on this Node and as simulated processes. */
import { expect, it } from 'vitest';
import { compareNode, NODE_AREAS } from './areas.ts';

it.each(NODE_AREAS)('$name: 12 scripts come to the same', async (area) => {
  const { parts, differences } = await compareNode(area, { runs: 12, seed: 7 });
  expect(differences).toEqual([]);
  expect(parts).toBeGreaterThan(12);
});
