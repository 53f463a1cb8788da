import { expect, test } from 'vitest';
import { Difference } from '../../src/lockstep/coordinate/difference.ts';
import { compareListening } from '../../src/lockstep/coordinate/listening.ts';

const one = { tcpPort: 80, host: '127.0.0.1', process: 'daemon#1' };
const two = { tcpPort: 81, host: '127.0.0.1', process: 'daemon#2' };

test('the same listeners in another order are no difference', () => {
  compareListening([one, two], [two, one], { step: 9 });
});

test('a listener at the end is a difference', () => {
  const differences: [string, (typeof one)[], (typeof one)[]][] = [
    ['one that has gone', [one, two], [one]],
    ['one too many', [one], [one, two]],
    ['another process', [one], [{ ...one, process: 'daemon#2' }]],
    ['another address', [one], [{ ...one, host: '0.0.0.0' }]],
  ];
  for (const [what, simulated, real] of differences)
    expect(() => compareListening(simulated, real, { step: 9 }), what).toThrow(Difference);
});
