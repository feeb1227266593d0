import type { ClientLine, Freeze, ToolLine } from './journal.ts';

export interface Verdict {
  acknowledged: number;
  ended: Record<string, number>;
  steps_started: number;
  steps_repeated: number;
  violations: string[];
}

/** Holds the lines of tools and clients against the promises. It knows nothing of what the engine says of itself. */
export function judge(tools: ToolLine[], clients: ClientLine[], freezes: Freeze[]): Verdict {
  const steps = Map.groupBy(tools, (line) => line.key);
  const violations = [
    ...judgeRuns(clients),
    ...[...steps].flatMap(([key, lines]) => judgeStep(key, lines, steps, freezes)),
    ...judgeSettled(steps, clients),
  ];
  const ended: Record<string, number> = {};
  for (const line of clients) if (line.kind === 'ended') ended[line.status] = (ended[line.status] ?? 0) + 1;
  const starts = [...steps.values()].map((lines) => lines.filter((line) => line.kind === 'start').length);
  return {
    acknowledged: clients.filter((line) => line.kind === 'acknowledged').length,
    ended,
    steps_started: starts.length,
    steps_repeated: starts.filter((count) => count > 1).length,
    violations,
  };
}

/** Every acknowledged run ended once, and reads as it ended. */
function judgeRuns(clients: ClientLine[]): string[] {
  return [...Map.groupBy(clients, (line) => line.run)].flatMap(([run, lines]) => {
    const ends = lines.flatMap((line) => (line.kind === 'ended' ? [line.status] : []));
    const read = lines.find((line) => line.kind === 'read')?.status;
    if (ends.length !== 1) {
      const why = lines.find((line) => line.kind === 'gave_up')?.why ?? '';
      return [`${run} ended ${ends.length} times (${ends.join(', ')}) ${why}`];
    }
    return read === ends[0] ? [] : [`${run} ended as ${ends[0]} and reads as ${read}`];
  });
}

/** No step ran before what it depends on, none ran again after one that depends on it had started, and what must not run twice did not. */
function judgeStep(
  key: string,
  lines: ToolLine[],
  steps: Map<string, ToolLine[]>,
  freezes: Freeze[],
): string[] {
  const starts = lines.filter((line) => line.kind === 'start');
  const violations: string[] = [];
  if (starts.length > 1 && starts.some((line) => line.tool === 'chaos.once') && endedBefore(lines))
    violations.push(`${key} must not run twice and did`);
  for (const start of starts)
    for (const dependency of start.deps)
      violations.push(...judgeOrder(start, dependency, steps.get(dependency) ?? [], freezes));
  return violations;
}

/** The latest start of a dependency counts: an earlier one may be a worker that was frozen, lost the step, and does not know. */
function judgeOrder(start: ToolLine, dependency: string, lines: ToolLine[], freezes: Freeze[]): string[] {
  const violations: string[] = [];
  const latest = lines.filter((line) => line.kind === 'start' && line.at <= start.at).at(-1);
  if (latest) {
    const end = lines.find(
      (line) => line.kind !== 'start' && line.pid === latest.pid && line.at >= latest.at,
    );
    // One that must not run twice and was cut off is settled without an end: its outcome is unknown. A frozen process
    // may tell the end when it wakes.
    const cutOff =
      !end || freezes.some(({ pid, at }) => pid === latest.pid && at >= latest.at && at <= start.at);
    const unknown = cutOff && latest.tool === 'chaos.once';
    if (!unknown && (!end || end.at > start.at))
      violations.push(`${start.key} started while ${dependency}, which it depends on, was running`);
  }
  if (lines.some((line) => line.kind === 'start' && line.at > start.at))
    violations.push(`${dependency} started again after ${start.key}, which depends on it`);
  return violations;
}

/** A tool that says a retry helps is tried again: only a start after an end, or after a start that was cut off, is a repetition. */
function endedBefore(lines: ToolLine[]): boolean {
  return lines.some(
    (line, index) =>
      line.kind === 'start' && index > 0 && lines[index - 1]?.kind !== 'failed' && line.tool === 'chaos.once',
  );
}

/** What a client has seen settle never starts again. */
function judgeSettled(steps: Map<string, ToolLine[]>, clients: ClientLine[]): string[] {
  return clients.flatMap((line) => {
    if (line.kind !== 'settled') return [];
    const again = (steps.get(line.key) ?? []).filter((tool) => tool.kind === 'start' && tool.at > line.at);
    return again.map(() => `${line.key} started again after it had settled`);
  });
}
