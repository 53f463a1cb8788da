/** Scripts for the driver of node:net. */
import fc from '../../fc.ts';

const who = fc.constantFrom('client', 'server');
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(who, fc.constantFrom('write', 'write', 'end', 'state', 'ends', 'names')),
  },
  { weight: 4, arbitrary: fc.tuple(who, fc.constantFrom('pause', 'resume', 'cork', 'uncork', 'noDelay')) },
  { weight: 4, arbitrary: fc.tuple(who, fc.constantFrom('destroy', 'destroyError', 'destroySoon', 'reset')) },
  { weight: 2, arbitrary: fc.tuple(who, fc.constantFrom('ref', 'unref')) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constant('listener'),
      fc.constantFrom('close', 'connections', 'listening', 'again', 'clash'),
    ),
  },
);

export const socketScript = fc.record({
  unix: fc.boolean(),
  halfOpenServer: fc.boolean(),
  halfOpenClient: fc.boolean(),
  form: fc.nat(2),
  steps: fc.array(step, { minLength: 1, maxLength: 7 }),
});
