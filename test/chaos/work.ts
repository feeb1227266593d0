import { setTimeout as wait } from 'node:timers/promises';
import { PlanyardError } from '@planyard/contracts';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';
import { toolJournal } from './env.ts';
import { appendLine } from './journal.ts';

const Input = z.strictObject({
  /** Plan ids of the steps that must be over first. */
  deps: z.array(z.string()),
  /** Calls of two steps are equal when this is, and the rest. */
  nonce: z.int(),
  ms: z.int(),
  /** How many of the first tries fail, with an error that a retry can help. */
  failures: z.int(),
  /** Results of earlier steps, so that data flows too. */
  inputs: z.array(z.unknown()).optional(),
});

/** `step` is the key of the call that made it, whoever got it. */
export const WorkOutput = z.object({ step: z.string(), ok: z.boolean() });

const triesOf = new Map<string, number>();

/** A tool that writes down when it starts and ends, and otherwise waits. */
export function workTool(operation: 'read' | 'kept' | 'write' | 'once') {
  const name = `chaos.${operation}`;
  const effects = operation === 'read' || operation === 'kept' ? 'read' : 'write';
  return defineTool({
    name,
    description: 'Waits for some milliseconds',
    input: Input,
    output: WorkOutput,
    effects,
    idempotent: operation !== 'once',
    // So short that what is kept is made again and again.
    cache: operation === 'kept' ? { ttl_s: 2 } : false,
    timeout_ms: 20_000,
    profile: { accuracy: 1, complexity: 'low' },
    async execute(input, { idempotency_key: key, signal }) {
      const { deps, ms, failures, inputs = [] } = input;
      const prefix = key.slice(0, key.lastIndexOf('/') + 1);
      // A step that follows others shares only within its run.
      const among = deps.length > 0 ? key.split('/')[0] : '';
      const line = {
        key,
        tool: name,
        pid: process.pid,
        deps: deps.map((id) => `${prefix}${id}`),
        reads: inputs.filter((read) => typeof read === 'string'),
        call: effects === 'read' ? JSON.stringify([name, among, input]) : null,
      };
      const journal = toolJournal();
      appendLine(journal, { kind: 'start', ...line });
      try {
        await wait(ms, undefined, { signal });
        const tries = (triesOf.get(key) ?? 0) + 1;
        triesOf.set(key, tries);
        if (tries <= failures) throw new PlanyardError('tool_unavailable', 'Not yet');
      } catch (error) {
        appendLine(journal, { kind: 'failed', ...line });
        throw error;
      }
      appendLine(journal, { kind: 'end', ...line });
      return { step: key, ok: true };
    },
  });
}
