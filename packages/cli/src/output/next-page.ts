/** What leads on from a page: the command that gave it, with its options and the next page's cursor. Nothing after the last. */
export function nextPageText(
  words: (string | undefined)[],
  options: Record<string, string | number | undefined>,
  cursor: string | null,
): string {
  if (cursor === null) return '';
  const given = Object.entries({ ...options, cursor }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const command = [...words.filter((word) => word !== undefined), ...given].map(quoted).join(' ');
  return `There are more:\nplanyard ${command}\n`;
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
