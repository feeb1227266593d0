/** A number as people read it: at most two decimals, large ones with separators; below 1 three digits from the first that is none of the zeros, as 0.004 is not 0. */
export function formatNumber(value: number): string {
  if (Math.abs(value) < 1) return String(Number(value.toPrecision(3)));
  const digits = Math.abs(value) >= 100 ? 1 : 2;
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }).format(value);
}

/** A value with its unit: "41.2 %", "12 ms". */
export function formatFigure(value: number, unit: string): string {
  return unit ? `${formatNumber(value)} ${unit}` : formatNumber(value);
}

/** "2026-11-20 10:05 UTC" */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function formatRange(from: string, to: string): string {
  if (from.startsWith('1970')) return `of all recorded time up to ${formatTime(to)}`;
  return `from ${formatTime(from)} to ${formatTime(to)}`;
}

/** "1 item", "3 items" */
export function count(number: number, noun: string): string {
  return `${new Intl.NumberFormat('en-US').format(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** A list that names the first of many. */
export function listed(parts: string[], shown: number, total = parts.length): string {
  const more = total - Math.min(shown, parts.length);
  return `${parts.slice(0, shown).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
