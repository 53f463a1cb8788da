/** What closedloop's pull request 257 has tested with real processes. */
import { TCP_PORT } from '../../systems/closedloop/setup.ts';
import type { Table } from '../table.ts';
import { HOLDERS } from './holders.ts';
import { ORPHANS } from './orphans.ts';

export const TABLE: Table = {
  system: 'closedloop',
  tcpPorts: [TCP_PORT],
  rows: [...ORPHANS, ...HOLDERS],
  notes: [
    'app and sidecar are stand-ins, on a free TCP port instead of 4820; the dialog is an answer: no',
    'the tool knows an orphan by its parent, PID 1: where a subreaper adopts it (systemd --user), it is taken for live',
    'not measured: the packaged app',
  ],
};
