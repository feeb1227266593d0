/**
 * Whether a question, in lower case, names a tool: `ci.search`, `ci_search`, or an operation of several words by itself,
 * such as `event_log`. A word of everyday language names nothing.
 */
export function nameOccursIn(question: string, tool: string): boolean {
  const operation = tool.slice(tool.indexOf('.') + 1);
  return (
    occurs(question, tool) ||
    occurs(question, tool.replace('.', '_')) ||
    (/[_-]/.test(operation) && occurs(question, operation))
  );
}

function occurs(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isNamePart(text[at - 1]) && !isNamePart(text[at + name.length])) return true;
  return false;
}

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_-]/u.test(character);
}
