import { type Guard, guardsOf } from '../guard.ts';

export const ORPHAN_SCAN: readonly Guard[] = guardsOf('model/orphan-scan', [
  {
    guard: 'a server says whom it serves',
    from: 'if (named !== null)',
    to: 'if (false)',
    noticedBy: 'orchestrator/ours/container',
  },
  {
    guard: 'whom it serves may live',
    from: "(await isGone(named, ports)) ? 'host-gone' : null",
    to: "'host-gone'",
    noticedBy: 'orchestrator/ours/hygiene',
  },
  {
    guard: 'who has a host above is no orphan',
    from: "if (parent.state !== 'zombie' && isHost(parent)) return parent;",
    to: '',
    noticedBy: 'orchestrator/ours/hygiene',
  },
  {
    guard: 'only servers are suspects',
    from: '|| !options.isServer(server)',
    to: '',
    noticedBy: 'orchestrator/ours/hygiene',
  },
]);
