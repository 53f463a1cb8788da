import { always } from './invariant.ts';

/** At no instant are there two owners whose claims are both current. */
export const atMostOneOwner = always(
  'at most one owner',
  (world) => {
    const { currentClaims } = world;
    if (currentClaims.length < 2) return null;
    const owners = currentClaims.map(({ process, token }) =>
      token === null ? process.name : `${process.name} (token ${token})`,
    );
    return `${owners.length} owners at once: ${owners.join(' and ')}`;
  },
  { when: 'change' },
);

/** Whoever acts as the owner is it at that moment: an owner learns that it is fenced before its next effect. */
export const noStaleAct = always('no act of a former owner', ({ staleAct }) => staleAct, { when: 'change' });

/** No process of the system signals a process that is not the system's. */
export const nothingForeignSignalled = always(
  'nothing foreign is signalled',
  ({ signals }) => {
    const hit = signals.find(({ target }) => target.foreign);
    if (hit === undefined) return null;
    return `${hit.sender.name} sent ${hit.signal} to ${hit.target.name} (PID ${hit.target.pid}), which is foreign`;
  },
  { when: 'change' },
);

/** No process is signalled by its PID alone: another may bear it by then. */
export const nothingUnprovenSignalled = always(
  'nothing unproven is signalled',
  ({ signals }) => {
    const hit = signals.find(({ proven }) => !proven);
    if (hit === undefined) return null;
    return `${hit.sender.name} sent ${hit.signal} to PID ${hit.target.pid} without proof of who bears it (${hit.target.name})`;
  },
  { when: 'change' },
);
