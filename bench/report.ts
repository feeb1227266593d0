import { writeFile } from 'node:fs/promises';

/** One figure of a bench; `ok` is null where there is no target. */
export interface Figure {
  case: string;
  metric: string;
  unit: string;
  value: number;
  target: number | null;
  ok: boolean | null;
}

export function figure(
  name: string,
  metric: string,
  unit: string,
  value: number,
  target?: { atMost: number } | { atLeast: number },
): Figure {
  const rounded = Math.round(value * 1000) / 1000;
  if (!target) return { case: name, metric, unit, value: rounded, target: null, ok: null };
  const ok = 'atMost' in target ? rounded <= target.atMost : rounded >= target.atLeast;
  return {
    case: name,
    metric,
    unit,
    value: rounded,
    target: 'atMost' in target ? target.atMost : target.atLeast,
    ok,
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints the table, and writes the list where `--json FILE` asks for it. */
export async function report(figures: Figure[], jsonFile: string | undefined): Promise<void> {
  console.table(
    figures.map((each) => ({
      ...each,
      target: each.target ?? '',
      ok: each.ok === null ? '' : each.ok ? 'yes' : 'NO',
    })),
  );
  if (jsonFile) await writeFile(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
}
