/** What the issue about openchrome's parallel sessions reports, and what its pull requests promise. */
import { BROKER_PORT, CDP_PORT, FALLBACK_OFFSET, HEADLESS_PORT } from '../../systems/openchrome/setup.ts';
import type { Table } from '../table.ts';
import { CHROMES, RELEASES } from './chromes.ts';
import { SESSIONS } from './sessions.ts';
import { ATTACHED_PORT } from './steps.ts';

export const TABLE: Table = {
  system: 'openchrome',
  tcpPorts: [CDP_PORT, CDP_PORT + FALLBACK_OFFSET, HEADLESS_PORT, BROKER_PORT, ATTACHED_PORT],
  rows: [...SESSIONS, ...RELEASES, ...CHROMES],
  notes: [
    'Chrome is a stand-in that answers on its debugging port; the document’s host is a Mac',
    'the lock of the half-zombie is made two minutes older, instead of waiting for the end of its grace',
    'after a takeover the evicted session runs on and believes that it owns: a finding, not a claim of the document',
    'cold-start is counted and not judged: a torn lock file gives two owners by chance, before and after',
  ],
};
