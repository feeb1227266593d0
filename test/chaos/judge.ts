import type { ClientLine, Kill, ToolLine } from './journal.ts';

export interface Verdict {
  acknowledged: number;
  ended: Record<string, number>;
  steps_started: number;
  steps_repeated: number;
  /** Seen settled with the result of another call: kept, or made at the same time, or of an earlier attempt. */
  steps_shared: number;
  steps_condemned: number;
  violations: string[];
}

/** The lines of tools. */
interface Calls {
  /** By the key of the step. */
  ofStep: Map<string, ToolLine[]>;
  /** Ends of calls that equal ones may share, by what is equal. */
  endsOf: Map<string | null, ToolLine[]>;
  kills: Kill[];
  /** Steps that were given up, since too many workers died in them. */
  condemned: Set<string>;
  /** Starts that count for nothing. */
  cut: ToolLine[];
}

/** Holds the lines of tools and clients against the promises. It knows nothing of what the engine says of itself. */
export function judge(written: ToolLine[], clients: ClientLine[], kills: Kill[]): Verdict {
  const cut = cutStarts(written, kills);
  const tools = written.filter((line) => !cut.has(line));
  const steps = Map.groupBy(tools, (line) => line.key);
  const ends = tools.filter((line) => line.kind === 'end' && line.call !== null);
  const condemned = new Set(clients.flatMap((line) => (line.kind === 'condemned' ? [line.key] : [])));
  const calls = {
    ofStep: steps,
    endsOf: Map.groupBy(ends, (line) => line.call),
    kills,
    condemned,
    cut: [...cut],
  };
  const violations = [
    ...judgeRuns(clients),
    ...[...steps].flatMap(([key, lines]) => judgeStep(key, lines, calls)),
    ...judgeSettled(steps, clients),
    ...judgeCondemned(clients, kills),
  ];
  const ended: Record<string, number> = {};
  for (const line of clients) if (line.kind === 'ended') ended[line.status] = (ended[line.status] ?? 0) + 1;
  const starts = [...steps.values()].map((lines) => lines.filter((line) => line.kind === 'start').length);
  return {
    acknowledged: clients.filter((line) => line.kind === 'acknowledged').length,
    ended,
    steps_started: starts.length,
    steps_repeated: starts.filter((count) => count > 1).length,
    steps_shared: clients.filter((line) => line.kind === 'settled' && line.made_by !== line.key).length,
    steps_condemned: condemned.size,
    violations,
  };
}

/**
 * A process may be frozen after it has looked at its lease and before the tool's first line, which is then the first that it
 * writes when it wakes. Nobody can do anything against that: such a start was before the freeze, and counts for nothing.
 */
function cutStarts(tools: ToolLine[], kills: Kill[]): Set<ToolLine> {
  const ofProcess = Map.groupBy(tools, ({ pid }) => pid);
  return new Set(
    kills.flatMap(({ pid, until = Number.POSITIVE_INFINITY }) => {
      const first = ofProcess.get(pid)?.find(({ at }) => at >= until);
      return first?.kind === 'start' ? [first] : [];
    }),
  );
}

/** Deaths of its worker after which a step is given up. */
const DEATHS = 6;
/** What a step's lease may be lost with. */
const DEADLY = new Set(['tool-worker', 'redis']);

/** Steps that were given up although less was killed while their run was open. */
function judgeCondemned(clients: ClientLine[], kills: Kill[]): string[] {
  const since = new Map(
    clients.flatMap((line) => (line.kind === 'acknowledged' ? [[line.run, line.at]] : [])),
  );
  return clients.flatMap((line) => {
    if (line.kind !== 'condemned') return [];
    const from = since.get(line.run) ?? 0;
    const deaths = kills.filter(({ what, at }) => DEADLY.has(what) && at >= from && at <= line.at).length;
    return deaths >= DEATHS ? [] : [`${line.key} was given up after ${deaths} deaths`];
  });
}

/** Every acknowledged run ended once, reads as it ended, and its events told of every step that reads as over. */
function judgeRuns(clients: ClientLine[]): string[] {
  return [...Map.groupBy(clients, (line) => line.run)].flatMap(([run, lines]) => {
    const ends = lines.flatMap((line) => (line.kind === 'ended' ? [line.status] : []));
    const read = lines.find((line) => line.kind === 'read');
    if (ends.length !== 1) {
      const why = lines.find((line) => line.kind === 'gave_up')?.why ?? '';
      return [`${run} ended ${ends.length} times (${ends.join(', ')}) ${why}`];
    }
    if (read?.status !== ends[0]) return [`${run} ended as ${ends[0]} and reads as ${read?.status}`];
    return (read?.untold ?? []).map((step) => `${run} reads ${step}, which no event told`);
  });
}

/**
 * No step ran before what it depends on, nor on a result that was not made yet; none ran again after one that depends on
 * it had started; and what must not run twice did not.
 */
function judgeStep(key: string, lines: ToolLine[], calls: Calls): string[] {
  const starts = lines.filter((line) => line.kind === 'start');
  const violations: string[] = [];
  if (starts.length > 1 && starts.some((line) => line.tool === 'chaos.once') && endedBefore(lines))
    violations.push(`${key} must not run twice and did`);
  for (const start of starts) {
    for (const dependency of start.deps) violations.push(...judgeOrder(start, dependency, calls));
    for (const read of start.reads)
      if (!isMade(calls.ofStep, read, start.at))
        violations.push(`${key} started with a result of ${read}, which had not made it`);
  }
  return violations;
}

function isMade(steps: Calls['ofStep'], key: string, at: number): boolean {
  return (steps.get(key) ?? []).some((line) => line.kind === 'end' && line.at <= at);
}

/** The latest start of a dependency counts: an earlier one may be a worker that was frozen, lost the step, and does not know. */
function judgeOrder(start: ToolLine, dependency: string, calls: Calls): string[] {
  const violations: string[] = [];
  const lines = calls.ofStep.get(dependency) ?? [];
  const latest = lines.filter((line) => line.kind === 'start' && line.at <= start.at).at(-1);
  if (latest) {
    const endIn = (process: ToolLine | undefined) =>
      lines.find((line) => line.kind !== 'start' && line.pid === process?.pid && line.at >= latest.at);
    // A process may be frozen before it has any step, and take over, as the first it does when it wakes, one that was cut off.
    const end =
      endIn(latest) ?? endIn(calls.cut.find(({ key, at }) => key === dependency && at >= latest.at));
    // One that was cut off and must not run twice, or was given up, is settled without an end. A frozen process may tell
    // the end when it wakes.
    const cutOff =
      !end ||
      calls.kills.some(
        ({ pid, at, frozen }) => frozen && pid === latest.pid && at >= latest.at && at <= start.at,
      );
    const goesOnWithout = latest.tool === 'chaos.once' || calls.condemned.has(dependency);
    const over = cutOff && (goesOnWithout || isShared(latest, start.at, calls));
    if (!over && (!end || end.at > start.at))
      violations.push(`${start.key} started while ${dependency}, which it depends on, was running`);
  }
  if (lines.some((line) => line.kind === 'start' && line.at > start.at))
    violations.push(`${dependency} started again after ${start.key}, which depends on it`);
  return violations;
}

/** A call that was cut off is over where another, equal one has ended meanwhile; or any, ever, where what it made was kept. */
function isShared(cut: ToolLine, at: number, { endsOf }: Calls): boolean {
  if (cut.call === null) return false;
  return (endsOf.get(cut.call) ?? []).some(
    (end) => end.at <= at && (cut.tool === 'chaos.kept' || (end.key !== cut.key && end.at >= cut.at)),
  );
}

/** A tool that says a retry helps is tried again: only a start after an end, or after a start that was cut off, is a repetition. */
function endedBefore(lines: ToolLine[]): boolean {
  return lines.some(
    (line, index) =>
      line.kind === 'start' && index > 0 && lines[index - 1]?.kind !== 'failed' && line.tool === 'chaos.once',
  );
}

/** What a client has seen completed was made, by the step itself or by a call that it may share, and never starts again. */
function judgeSettled(steps: Map<string, ToolLine[]>, clients: ClientLine[]): string[] {
  return clients.flatMap((line) => {
    if (line.kind !== 'settled') return [];
    const { key, made_by, run, at } = line;
    const violations: string[] = [];
    if (!isMade(steps, made_by, at)) violations.push(`${key} settled with what ${made_by} had not made`);
    const maker = steps.get(made_by)?.[0];
    if (maker?.call === null && !made_by.startsWith(`${run}/`))
      violations.push(`${key} settled with what ${made_by} made for its own run alone`);
    const again = (steps.get(key) ?? []).filter((tool) => tool.kind === 'start' && tool.at > at);
    return [...violations, ...again.map(() => `${key} started again after it had settled`)];
  });
}
