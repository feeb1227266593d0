/** Text from elsewhere without what a terminal would obey: escape sequences and control characters but line ends and tabs. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => (char === '\n' || char === '\t' ? char : ''));
}

/** One line of at most `width` characters. */
export function oneLine(text: string, width: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** `850 ms`, `1.2 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  // Rounded first: 119.6 s are two minutes, not 1 min 60 s.
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `512 B`, `3.1 MiB` */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${count} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Rows in aligned columns under a header; the last column takes what is left of the width. */
export function table(header: string[], rows: string[][], width: number): string {
  const all = [header, ...rows];
  const last = header.length - 1;
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const used = widths.slice(0, last).reduce((sum, each) => sum + each + 2, 0);
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column === last ? oneLine(cell, Math.max(20, width - used)) : cell.padEnd((widths[column] ?? 0) + 2),
      )
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
