import { type Guard, guardsOf } from '../guard.ts';

/** What leases are worth, and when they end, is told by test/model/broker.test.ts. */
export const BROKER: readonly Guard[] = [
  ...guardsOf('model/broker', [
    {
      guard: 'sharing is asked for',
      from: 'mode = DEFAULT_BROKER_MODE',
      to: "mode = 'auto'",
      noticedBy: 'openchrome/ours/never-by-default',
    },
    {
      guard: 'who is to connect only never owns',
      from: "mode === 'client' ? null :",
      to: '',
      noticedBy: ['openchrome/ours/never-by-default', 'openchrome/ours/broker'],
    },
  ]),
  ...guardsOf('model/degraded', [
    {
      guard: 'who is refused still shakes hands',
      from: "case 'initialize':",
      to: "case 'initialise':",
      noticedBy: 'openchrome/ours/explained',
    },
  ]),
];
