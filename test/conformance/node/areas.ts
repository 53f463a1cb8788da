/** The drivers, and how many of their scripts come to the same on this Node and in the simulation. */
import fc from '../../fc.ts';
import { byObserver, driver, inSimulation, onNode } from './frame.ts';
import { httpScript } from './http.ts';
import { socketScript } from './sockets.ts';

/** What a driver is compared by. */
export interface NodeArea {
  readonly name: string;
  readonly driver: string;
  readonly scripts: fc.Arbitrary<unknown>;
}

export const NODE_AREAS: readonly NodeArea[] = [
  { name: 'sockets', driver: 'sockets.cjs', scripts: socketScript },
  { name: 'http', driver: 'http.cjs', scripts: httpScript },
];

/** What one part of a script came to: by observer, in their order. */
export interface Difference {
  readonly part: string;
  readonly script: unknown;
  readonly node: unknown;
  readonly simulated: unknown;
}

/** So many scripts run in one process. */
const AT_ONCE = 25;

/** @returns the differences, and how many parts were compared */
export async function compareNode(
  area: NodeArea,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<{ readonly parts: number; readonly differences: readonly Difference[] }> {
  const scripts = fc.sample(area.scripts, { numRuns: runs, seed });
  const differences: Difference[] = [];
  let parts = 0;
  for (let from = 0; from < scripts.length; from += AT_ONCE) {
    const some = scripts.slice(from, from + AT_ONCE);
    const file = driver(area.driver);
    const [real, simulated] = [await onNode(file, some), await inSimulation(file, some)];
    const whole = {
      script: 'all',
      node: [real.code, real.stderr],
      simulated: [simulated.code, simulated.stderr],
    };
    if (real.code !== simulated.code || real.stderr !== simulated.stderr)
      differences.push({ part: `from ${from}`, ...whole });
    const [expected, got] = [byObserver(real.lines), byObserver(simulated.lines)];
    for (const part of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      parts++;
      if (textOf(expected[part]) === textOf(got[part])) continue;
      const script = some[Number.parseInt(part, 10)];
      differences.push({ part: `${from} + ${part}`, script, node: expected[part], simulated: got[part] });
    }
  }
  return { parts, differences };
}

function textOf(observed: Record<string, string[]> | undefined): string {
  return observed === undefined ? 'missing' : JSON.stringify(Object.entries(observed).sort());
}
