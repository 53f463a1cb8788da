import type { Table } from '../table.ts';
export const TABLE: Table = { system: 'orchestrator', tcpPorts: [], rows: [], notes: [] };
