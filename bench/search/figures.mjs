import Table from 'cli-table3';

export function median(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}

export function whole(figure) {
  return Number.isFinite(figure) ? Math.round(figure).toLocaleString('en-US') : '';
}

/** Prints a table whose first column is text and the others numbers. */
export function printTable(head, rows) {
  const colAligns = head.map((_, i) => (i === 0 ? 'left' : 'right'));
  const table = new Table({ head, colAligns, style: { head: [], compact: true } });
  table.push(...rows);
  console.log(table.toString());
}

/** Prints a value with its target. */
export function printFigure(what, figure, target) {
  console.log(`${what.padEnd(58)} ${figure}${target === undefined ? '' : `   (target ${target})`}`);
}
