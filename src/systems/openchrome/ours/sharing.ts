/** Sessions that share one owner because they were asked to, and only then. */
import { type Scenario, sometimes, type World } from '../../../scenario/index.ts';
import { afterFaults, at, scenariosOf, times } from '../../vocabulary/index.ts';
import { LOST, shared, TRUST_FILE } from './family.ts';
import { oneChrome, unsaid } from './invariants.ts';

/** After the faults every living client uses the broker. */
const USED = sometimes('a client used the broker', ({ marks }: World) => (marks.get('brokered') ?? 0) > 1);

export const SHARING: readonly Scenario[] = scenariosOf('openchrome/ours', shared, {
  broker: {
    about: 'an owner takes clients because it was asked to; a client that crashes loses its lease',
    start: [
      'serve --broker',
      at(800, times(2, 'serve --connect-broker')),
      afterFaults('serve --broker', 500),
    ],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [oneChrome, USED, sometimes('a lease was reclaimed', 'lease-reclaimed')],
  },
  'auto-broker': {
    about: 'all are asked to share: the first owns, the others attach; one takes its place when it is killed',
    machine: { busyMs: 100, files: { [TRUST_FILE]: '{"autoBroker":true}' } },
    start: [times(3, 'serve --auto-broker'), afterFaults('serve --auto-broker', 500)],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [oneChrome, USED, sometimes('a client became the owner', 'promoted'), unsaid(['degraded'])],
  },
  'untrusted-auto-broker': {
    about: 'all are asked to share by themselves, and the user’s trust file does not say so: none does',
    start: [times(2, 'serve --auto-broker'), 'host --auto-broker', afterFaults('serve --auto-broker', 500)],
    machine: { busyMs: 100, files: { [TRUST_FILE]: '{"autoBroker":"yes"}' } },
    faults: { kill: 1 },
    invariants: [
      unsaid(['broker-published', 'attached', 'lease-granted']),
      LOST,
      sometimes('a session was not trusted to share', 'untrusted'),
    ],
  },
  'never-by-default': {
    about: 'without a request to share, no broker is published; a client learns what to start',
    start: [times(2, 'serve'), 'host --connect-broker', afterFaults('serve', 500)],
    faults: { kill: 1 },
    invariants: [
      unsaid(['broker-published', 'attached', 'lease-granted']),
      LOST,
      sometimes('there was no broker', 'no-broker'),
      sometimes('a host was told so', 'host-told'),
    ],
  },
});
