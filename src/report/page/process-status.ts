import type { PageFrame, PageLife, PageProcess, PageRow } from './data.ts';

/** How a process is after each row, told only where it changes. */
export function livesOf(
  name: string,
  rows: readonly PageRow[],
  frames: readonly PageFrame[],
): [number, PageLife][] {
  const lives: [number, PageLife][] = [];
  let life: PageLife = 'unborn';
  let frame = -1;
  for (const [at, row] of rows.entries()) {
    while (frame < row.frame) {
      const { processes } = frames[++frame]!;
      if (processes !== undefined)
        life = lifeAfter(
          life,
          processes.find((each) => each.name === name),
        );
    }
    if (lives.at(-1)?.[1] !== life) lives.push([at, life]);
  }
  return lives;
}

function lifeAfter(before: PageLife, process: PageProcess | undefined): PageLife {
  if (process === undefined) return before === 'unborn' ? 'unborn' : 'gone';
  if (process.state === 'running') return 'alive';
  return process.state === 'stopped' ? 'stopped' : 'gone';
}
