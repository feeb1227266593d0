import { PlanyardError } from '@planyard/contracts';

/** The agent or blueprint of that name; throws `not_found` with the names that there are. */
export function requireNamed<T extends { name: string }>(what: string, name: string, there: T[]): T {
  const found = there.find((each) => each.name === name);
  if (found) return found;
  const names = there.map((each) => each.name).join(', ');
  throw new PlanyardError('not_found', `There is no ${what} named ${name}; there are: ${names}`);
}
