/** closedloop's programs: before pull request 257, its first version, after review, and on our port reconciliation. */
import type { Program } from '../../ports/index.ts';
import { AFTER } from '../../systems/closedloop/after.ts';
import { BEFORE } from '../../systems/closedloop/before.ts';
import { OURS, app as ourApp } from '../../systems/closedloop/ours/supervisor.ts';
import { type Faults, reconcileWith } from '../../systems/closedloop/programs/reconcile.ts';
import { PROGRAMS as SIDECARS } from '../../systems/closedloop/programs/sidecar.ts';
import { app } from '../../systems/closedloop/programs/supervisor.ts';

type Programs = Readonly<Record<string, Program>>;

/** An app that crashes as soon as it has started a sidecar with these arguments: `crashed-app sidecar …`. */
const crashedApp: Program = async (ports, command) => {
  await ports.process.spawn(command, { detached: true });
  return 70;
};

function withApp(program: Program): Programs {
  return { ...SIDECARS, app: program, 'crashed-app': crashedApp };
}

export const OF_BEFORE = withApp(BEFORE);
export const OF_AFTER = withApp(AFTER);

/** The first version of the pull request, with one of the faults that review has found. */
export function firstVersion(fault: keyof Faults): Programs {
  return withApp(app(reconcileWith({ [fault]: true })));
}

export const OF_OURS = withApp((ports, argv) => {
  const consent = async (): Promise<boolean> => {
    ports.mark('asks-at-boot');
    return argv.includes('consents');
  };
  // A busy machine must not make a sidecar look hung.
  const timing = { ...OURS.timing, readyWithinMs: 120_000, healthTimeoutMs: 30_000, stableForMs: 1_000 };
  return ourApp({ ...OURS, timing, consent })(ports, argv);
});
