import type { Table } from '../table.ts';
export const TABLE: Table = { system: 'claude-mem', tcpPorts: [], rows: [], notes: [] };
