import { type Guard, guardsOf } from '../guard.ts';

export const SPAWN_GATE: readonly Guard[] = guardsOf('model/spawn-gate', [
  {
    guard: 'behind the gate one looks again whether it serves by now',
    from: 'return (await options.isReady()) ? READY : await start(ports, options);',
    to: 'return await start(ports, options);',
    noticedBy: 'claude-mem/ours/ten-hooks',
  },
  {
    guard: 'a gate that is not left is passed',
    from: "gate === 'held' && (await ports.clock.monotonicMs()) > goPastAtMs",
    to: 'false',
    noticedBy: 'claude-mem/ours/stopped',
  },
  {
    guard: 'a gate that cannot be used opens',
    from: "if (isSystemError(error)) return 'broken';",
    to: '',
    noticedBy: 'claude-mem/ours/gate-unusable',
  },
  {
    guard: 'who holds the gate does not say that it owns the daemon',
    from: 'becomeOwner(quiet,',
    to: 'becomeOwner(ports,',
    noticedBy: 'claude-mem/ours/ten-hooks',
  },
]);
