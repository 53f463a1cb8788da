/** What lies between two Chromes on one profile, besides the lock of the sessions. */
import type { Scenario } from '../../../scenario/index.ts';
import { at, foreign, scenariosOf, start } from '../../vocabulary/index.ts';
import { ACTIVE_PORTS, after, usersChrome } from '../after.ts';
import { managedIsNotAttachedTo, oneChromePerProfile } from '../invariants.ts';
import { chrome } from '../programs/chrome.ts';
import { AFTER, serve } from '../programs/session.ts';
import { PROFILE, PROFILE_LINK } from '../setup.ts';

const LEAVE_IT_TO_CHROME =
  'Leave Chrome’s lock to Chrome, which removes a stale one itself; or look first whether its process lives, and where.';

const CLEARING = {
  remedy: LEAVE_IT_TO_CHROME,
  breaks: oneChromePerProfile,
  programs: { chrome: chrome({ singleton: true }), serve: serve(AFTER, { clearsProfileLock: true }) },
  faultsForMs: 3_000,
  settleMs: 2_000,
};

export const OF_PROFILES: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'cleared-profile-lock': {
    ...CLEARING,
    about:
      'before a launch Chrome’s own lock is removed without a look: a user’s Chrome has it, and a second one starts',
    start: [usersChrome(PROFILE), at(1_000, 'serve')],
  },
  'shared-home': {
    ...CLEARING,
    about: 'two hosts share a home: both locks are removed there, that of the session and that of its Chrome',
    start: [start('serve', { pidNamespace: 'container' }), at(2_000, 'serve')],
  },
  'auto-connect-by-link': {
    about: 'the managed profile is known by its path: through a link a session attaches to another’s Chrome',
    remedy: 'Compare what the paths lead to (realpath), or device and inode.',
    breaks: managedIsNotAttachedTo,
    start: ['serve', foreign('script link-profile'), at(2_000, `serve --auto-connect=${PROFILE_LINK}`)],
    machine: { files: ACTIVE_PORTS },
    faultsForMs: 3_000,
    settleMs: 1_000,
  },
});
