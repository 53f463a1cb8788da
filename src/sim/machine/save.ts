import type { Restore } from '../base/snapshot.ts';
import type { FaultTarget } from '../faults/fault-target.ts';
import { DirectoryDescription, FileDescription } from '../vfs/index.ts';

/** Saves the records of a machine, each by itself. */
export function saveRecords(machine: FaultTarget): Restore {
  const { identity, clocks, fs, table, scheduler, timers, conditions, listeners, streams } = machine;
  const parts = [identity, clocks, fs, table, scheduler, timers, listeners, streams].map((record) =>
    record.save(),
  );
  if (conditions !== null) parts.push(conditions.save());
  for (const process of table.all()) if (process.state !== 'gone') parts.push(process.save());
  return () => {
    closeAll(machine);
    for (const restore of parts) restore();
  };
}

/** An inode counts how often it is open: each description that is restored adds its part. */
function closeAll({ table }: FaultTarget): void {
  for (const { fds } of table.all()) {
    for (const description of fds.values()) {
      if (description instanceof FileDescription || description instanceof DirectoryDescription)
        description.inode.opens = 0;
    }
  }
}
