/**
 * The built-in invariants, for programs that declare with `ports.mark` when they own. Each names what must happen for it to be
 * meaningful.
 */
import { always, type Precondition } from './invariant.ts';

const SIGNAL_SENT: Precondition = {
  what: 'a program of the system sent a signal',
  met: ({ signals }) => signals.length > 0,
};

const TWO_TOKENS: Precondition = {
  what: 'two owners were granted fencing tokens',
  met: ({ grantedTokens }) => grantedTokens > 1,
};

/** There are never two owners whose claims are both valid. */
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
  { when: 'change', requires: 'own' },
);

/** A process that acts as the owner is the owner at that moment: an owner notices that it was superseded before its next effect. */
export const noStaleAct = always('no act of a former owner', ({ staleAct }) => staleAct, {
  when: 'change',
  requires: 'act',
});

/**
 * Each fencing token is at least as high as all earlier ones. A claim with a lower token counts as superseded from the start, so
 * {@link atMostOneOwner} alone does not notice a lock that hands out old numbers.
 */
export const tokensRise = always('fencing tokens only rise', ({ fallenToken }) => fallenToken, {
  when: 'change',
  requires: TWO_TOKENS,
});

/** No fencing token is granted twice: a resource could not distinguish the two owners. */
export const noTokenTwice = always(
  'no fencing token is granted twice',
  ({ repeatedToken }) => repeatedToken,
  {
    when: 'change',
    requires: TWO_TOKENS,
  },
);

/** No process of the system signals a foreign process. */
export const nothingForeignSignalled = always(
  'nothing foreign is signalled',
  ({ signals }) => {
    const hit = signals.find(({ target }) => target.foreign);
    if (hit === undefined) return null;
    return `${hit.sender.name} sent ${hit.signal} to ${hit.target.name} (PID ${hit.target.pid}), which is foreign`;
  },
  { when: 'change', requires: SIGNAL_SENT },
);

/** No process is signalled by its PID alone: the PID may have been reused by then. */
export const nothingUnprovenSignalled = always(
  'nothing unproven is signalled',
  ({ signals }) => {
    const hit = signals.find(({ proven }) => !proven);
    if (hit === undefined) return null;
    return `${hit.sender.name} sent ${hit.signal} to PID ${hit.target.pid} without proof of whose it is (${hit.target.name})`;
  },
  { when: 'change', requires: SIGNAL_SENT },
);
