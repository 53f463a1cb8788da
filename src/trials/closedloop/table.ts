import type { Table } from '../table.ts';
export const TABLE: Table = { system: 'closedloop', tcpPorts: [], rows: [], notes: [] };
