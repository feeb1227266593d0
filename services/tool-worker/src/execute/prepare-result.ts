import { type CitedRecord, type Json, jsonDepth, LIMITS, PlanyardError } from '@planyard/contracts';
import type { WorkerTool } from '../registry/worker-tool.ts';

/** A checked result with its value. */
export interface PreparedResult {
  value: Json;
  bytes: number;
  count: number | null;
  records: CitedRecord[];
}

/** Records travel in events: no more than a reader can look at. */
const RECORDS = 100;

/** Checks what a tool returned against its output schema and the limits; throws `invalid_output`, `result_too_large` or `too_deep`. */
export function prepareResult({ definition, manifest }: WorkerTool, returned: unknown): PreparedResult {
  const parsed = definition.output.safeParse(returned);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PlanyardError(
      'invalid_output',
      `${manifest.name} returned what its schema does not allow: ${issue?.path.join('.') || 'the result'}: ${issue?.message}`,
    );
  }
  const text = JSON.stringify(parsed.data);
  if (text === undefined)
    throw new PlanyardError('invalid_output', `${manifest.name} returned no JSON value`);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.result_bytes)
    throw new PlanyardError(
      'result_too_large',
      `The result of ${manifest.name} has ${bytes} bytes; ${LIMITS.result_bytes} are allowed. Ask for fewer rows or fields.`,
    );
  if (jsonDepth(parsed.data) > LIMITS.json_depth)
    throw new PlanyardError('too_deep', `The result of ${manifest.name} is nested too deeply`);
  return {
    value: parsed.data as Json,
    bytes,
    count: definition.count?.(parsed.data) ?? null,
    records: (definition.records?.(parsed.data) ?? []).slice(0, RECORDS),
  };
}
