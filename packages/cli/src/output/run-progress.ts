import type { Client } from '@planyard/sdk';
import type { Io } from '../io.ts';
import { createStyle } from './style.ts';
import { duration, oneLine } from './text.ts';

type RunEvent = Client['runs'] extends { events(...args: never[]): AsyncIterable<infer E> } ? E : never;

interface StepLine {
  id: string;
  tool: string;
  purpose: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  startedAt: number | null;
  note: string;
  /** What a person is asked, below the step. */
  asks: string[];
}

/** Shows a run's steps on stderr as its events arrive. */
export interface RunProgress {
  event(event: RunEvent): void;
  /** Leaves the steps as they are and draws no more. */
  close(): void;
}

const redrawMs = 100;

/** On a terminal: one line a step, redrawn while it runs, with its time. Elsewhere: one line when a step is over. */
export function createRunProgress(io: Io, run: string): RunProgress {
  const style = createStyle(io.color);
  const steps = new Map<string, StepLine>();
  const copied = new Set<string>();
  let phase = 'waiting';
  let drawn = 0;
  let frame = 0;

  function lineOf(step: StepLine): string {
    const mark = {
      waiting: '·',
      running: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[frame % 10] ?? '·',
      done: '✓',
      failed: '✗',
      skipped: '-',
    }[step.state];
    const time =
      step.state === 'running' && step.startedAt !== null ? duration(io.now() - step.startedAt) : step.note;
    const text = oneLine(
      `${step.id}  ${step.tool}  ${step.purpose}`,
      Math.max(20, io.errColumns - time.length - 8),
    );
    const colour = {
      waiting: style.dim,
      running: style.yellow,
      done: style.green,
      failed: style.red,
      skipped: style.dim,
    }[step.state];
    return `${colour(mark)} ${text}  ${style.dim(time)}`;
  }

  function draw() {
    frame += 1;
    const lines = [...steps.values()].flatMap((step) => [lineOf(step), ...step.asks]);
    if (phase !== '') lines.push(style.dim(`  ${phase} …`));
    erase();
    io.err(lines.map((line) => `  ${line}\n`).join(''));
    drawn = lines.length;
  }

  function erase() {
    if (drawn > 0) io.err(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  }

  const timer = io.errIsTty ? setInterval(draw, redrawMs) : undefined;
  let open = true;

  function change(id: string, change: Partial<StepLine>) {
    const step = steps.get(id);
    if (!step) return;
    Object.assign(step, change);
    const isOver = step.state === 'done' || step.state === 'failed' || step.state === 'skipped';
    if (!io.errIsTty && isOver) io.err(`${lineOf(step)}\n`);
  }

  return {
    event(event) {
      if (!open) return;
      switch (event.type) {
        case 'plan.started':
          phase = event.data.attempt === 1 ? 'planning' : `planning again (attempt ${event.data.attempt})`;
          break;
        case 'step.added': {
          const { step: id, tool, purpose, copied_from } = event.data;
          if (copied_from) copied.add(id);
          steps.set(id, { id, tool, purpose, state: 'waiting', startedAt: null, note: '', asks: [] });
          break;
        }
        case 'plan.sealed':
          phase = '';
          break;
        case 'step.started':
          change(event.data.step, { state: 'running', startedAt: Date.parse(event.at) });
          break;
        case 'step.completed':
          change(event.data.step, {
            state: 'done',
            note: copied.has(event.data.step)
              ? 'copied'
              : `${duration(event.data.duration_ms)}${event.data.cached ? ', cached' : ''}`,
          });
          break;
        case 'step.failed':
          if (event.data.will === 'end')
            change(event.data.step, { state: 'failed', note: event.data.error.message, asks: [] });
          break;
        case 'step.skipped':
        case 'step.aborted':
          change(event.data.step, {
            state: 'skipped',
            note: `${event.type.slice(5)}: ${event.data.reason}`,
            asks: [],
          });
          break;
        case 'step.awaiting_approval': {
          const { step, args, effects, call } = event.data;
          const asks = [
            `    ${effects === 'write' ? 'changes things' : 'reads'}, with ${oneLine(JSON.stringify(args), Math.max(40, io.errColumns - 40))}`,
            `    planyard runs approve ${run} ${step} --call ${call}    (or reject; --args '{…}' changes the arguments)`,
          ];
          change(step, { state: 'waiting', note: 'waits for approval', asks });
          const asking = steps.get(step);
          if (io.errIsTty) draw();
          else if (asking) io.err(`${[lineOf(asking), ...asks].join('\n')}\n`);
          break;
        }
        case 'step.approved':
          change(event.data.step, { note: `approved by ${event.data.by}`, asks: [] });
          break;
        default:
      }
    },
    close() {
      if (!open) return;
      open = false;
      clearInterval(timer);
      phase = '';
      if (io.errIsTty) draw();
    },
  };
}
