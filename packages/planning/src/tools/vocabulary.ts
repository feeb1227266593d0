/** Which words of a catalogue a word of a question may mean although it is written otherwise. */
export interface Vocabulary {
  /** With a weight below 1: longer and shorter forms ("admin", "administr"), and for a word that is in no text those that a slip of the finger is away. */
  formsOf(stem: string): (readonly [stem: string, weight: number])[];
}

const PREFIX_WEIGHT = 0.6;
const SLIP_WEIGHT = 0.7;
/** Shorter beginnings say nothing. */
const LEAST_PREFIX = 4;
/** A beginning that so many words share is none of a word of its own. */
const MOST_FORMS = 6;
/** In shorter words a slip makes another word. */
const LEAST_SLIP = 5;

export function createVocabulary(stems: Iterable<string>): Vocabulary {
  const sorted = [...new Set(stems)].sort();
  const known = new Set(sorted);

  function longerThan(stem: string): string[] {
    const found: string[] = [];
    for (let at = placeOf(sorted, stem); at < sorted.length && found.length <= MOST_FORMS; at += 1) {
      const other = sorted[at] as string;
      if (!other.startsWith(stem)) break;
      if (other !== stem) found.push(other);
    }
    return found.length > MOST_FORMS ? [] : found;
  }

  function shorterThan(stem: string): string[] {
    const found: string[] = [];
    for (let length = LEAST_PREFIX; length < stem.length; length += 1)
      if (known.has(stem.slice(0, length))) found.push(stem.slice(0, length));
    return found;
  }

  return {
    formsOf(stem) {
      if (stem.length < LEAST_PREFIX || /\d/.test(stem)) return [];
      const forms = [...longerThan(stem), ...shorterThan(stem)].map(
        (other) => [other, PREFIX_WEIGHT] as const,
      );
      if (known.has(stem) || stem.length < LEAST_SLIP) return forms;
      const slips = sorted.filter((other) => isSlip(stem, other)).slice(0, MOST_FORMS);
      return [...forms, ...slips.map((other) => [other, SLIP_WEIGHT] as const)];
    },
  };
}

/** Where a word stands in a sorted list, or would. */
function placeOf(sorted: readonly string[], word: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether one letter was left out, put in, changed, or changed places with its neighbour. */
function isSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a[0] !== b[0]) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  return (
    restA.slice(1) === restB.slice(1) ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
