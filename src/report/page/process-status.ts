import type { PageFrame, PageProcess, PageRow, PageStatus } from './data.ts';

/** The state of a process after each row, listed only where it changes. */
export function statusesOf(
  name: string,
  rows: readonly PageRow[],
  frames: readonly PageFrame[],
): [number, PageStatus][] {
  const statuses: [number, PageStatus][] = [];
  let status: PageStatus = 'unborn';
  let frame = -1;
  for (const [at, row] of rows.entries()) {
    while (frame < row.frame) {
      const { processes } = frames[++frame]!;
      if (processes !== undefined)
        status = statusAfter(
          status,
          processes.find((each) => each.name === name),
        );
    }
    if (statuses.at(-1)?.[1] !== status) statuses.push([at, status]);
  }
  return statuses;
}

function statusAfter(before: PageStatus, process: PageProcess | undefined): PageStatus {
  if (process === undefined) return before === 'unborn' ? 'unborn' : 'gone';
  if (process.state === 'running') return 'alive';
  return process.state === 'stopped' ? 'stopped' : 'gone';
}
