/** The tables by name. Each is loaded when it is needed: a process of a trial needs one. */
import type { SystemName, Table } from './table.ts';

const LOAD: Readonly<Record<SystemName, () => Promise<{ readonly TABLE: Table }>>> = {
  openchrome: () => import('./openchrome/table.ts'),
  'claude-mem': () => import('./claude-mem/table.ts'),
  mcporter: () => import('./mcporter/table.ts'),
  orchestrator: () => import('./orchestrator/table.ts'),
  closedloop: () => import('./closedloop/table.ts'),
};

export async function tableOf(system: SystemName): Promise<Table> {
  return (await LOAD[system]()).TABLE;
}
