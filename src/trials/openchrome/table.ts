import type { Table } from '../table.ts';
export const TABLE: Table = { system: 'openchrome', tcpPorts: [], rows: [], notes: [] };
