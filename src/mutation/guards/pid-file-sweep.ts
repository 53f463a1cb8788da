import { type Guard, guardsOf } from '../guard.ts';

export const PID_FILE_SWEEP: readonly Guard[] = guardsOf('model/pid-file-sweep', [
  {
    guard: 'the file of a process that lives stays',
    from: "(await fateOf(owner, self, ports)) === 'dead'",
    to: 'true',
    noticedBy: 'orchestrator/ours/hygiene',
  },
  {
    guard: 'what is of others is not judged',
    from: "(await fateOf(owner, self, ports)) === 'dead'",
    to: "(await fateOf(owner, self, ports)) !== 'alive'",
    noticedBy: 'orchestrator/ours/shared-directory',
  },
  {
    guard: 'what a crash leaves half-written goes too',
    from: 'const owner = processOfFile(prefix, name) ??',
    to: 'const owner = processOfFile(prefix, name); void',
    noticedBy: 'orchestrator/ours/hygiene',
  },
  {
    guard: 'names of a PID only go where nobody writes them any more',
    from: '!pidOnly ||',
    to: 'pidOnly ||',
    noticedBy: 'orchestrator/ours/hygiene',
  },
]);
