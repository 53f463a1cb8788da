/** The table of claude-mem's pull request #1085, and its manual tests. */
import { TCP_PORT } from '../../systems/claude-mem/setup.ts';
import type { Table } from '../table.ts';
import { OF_HOOKS } from './hooks.ts';
import { OF_WORKERS } from './workers.ts';

export const TABLE: Table = {
  system: 'claude-mem',
  tcpPorts: [TCP_PORT],
  rows: [...OF_HOOKS, ...OF_WORKERS],
  notes: [
    'worker and chroma-mcp are stand-ins, each a Node process; a worker tries to catch up every 15 s',
    '641 and 19 are of an incident of five minutes; here the storm is ended after half a minute, or at 100 chroma-mcp',
    'searches: whether they come before the worker has made its own connection is a matter of chance',
    'whether chroma-mcp answers is read from a file; only its process is real',
    'not measured: the age of orphans (30 and 5 min) and the stale mutex (10 s), which the simulation checks',
  ],
};
