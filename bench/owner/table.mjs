/** @param {readonly Record<string, string | number>[]} rows @returns their columns side by side */
export function table(rows) {
  const names = Object.keys(rows[0]);
  const cells = [names, ...rows.map((row) => names.map((name) => text(row[name])))];
  const widths = names.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  return cells
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at]))).join('  '),
    )
    .join('\n');
}

function text(value) {
  if (typeof value !== 'number') return value ?? '';
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
