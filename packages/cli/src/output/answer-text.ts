import type { Client } from '@planyard/sdk';
import { duration, oneLine, printable } from './text.ts';

type Run = Awaited<ReturnType<Client['runs']['get']>>;

/** The evidence of an answer, each record or step once. */
export function evidenceText(run: Run, width: number): string {
  const lines = new Set(
    run.citations.map(({ step, tool, record }) =>
      record
        ? `${record.type} ${record.id}: ${record.title} (step ${step}, ${tool})`
        : `step ${step}, ${tool}`,
    ),
  );
  if (lines.size === 0) return '';
  const shown = [...lines].slice(0, 20).map((line, at) => `  [${at + 1}] ${oneLine(line, width - 8)}`);
  const more = lines.size > 20 ? [`  and ${lines.size - 20} more: planyard runs get ${run.id} -o json`] : [];
  return `\nEvidence\n${[...shown, ...more].join('\n')}\n`;
}

const noModel = 'No model is connected, so rules planned this: `planyard doctor` says how to connect one.\n';

/** What an answer lacks, and why the run failed; the empty string for a complete one. */
export function shortfallText(run: Run): string {
  const missing = run.missing.map((what) => `  - ${printable(what)}`);
  if (run.status === 'partial')
    return `This answer is partial.\n${missing.map((line) => `${line}\n`).join('')}`;
  if (run.status === 'cancelled') return 'The run was cancelled.\n';
  if (run.status !== 'failed') return '';
  const reason = `The run failed: ${printable(run.error?.message ?? 'for an unknown reason')} [${run.error?.code ?? 'internal'}]\n`;
  return run.error?.code === 'not_understood' ? `${reason}${noModel}` : reason;
}

function costOf(usd: number | null): string[] {
  if (usd === null) return ['cost unknown'];
  return usd > 0 ? [`$${usd.toFixed(4)}`] : [];
}

/** One line: how long, how many steps, what it cost, who planned. */
export function summaryLine(run: Run): string {
  const { steps, timings, usage, planner } = run;
  const cached = steps.filter((step) => step.cached).length;
  const parts = [
    `${run.status} in ${duration(timings.total_ms)}`,
    `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}${cached > 0 ? ` (${cached} cached)` : ''}`,
    ...costOf(usage.cost_usd),
    ...(planner === null ? [] : [`planner ${planner}`]),
    ...(run.sample_data ? ['sample data'] : []),
    run.id,
  ];
  return parts.join(' · ');
}
