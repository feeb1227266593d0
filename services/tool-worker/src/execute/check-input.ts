import { createHash } from 'node:crypto';
import { canonicalJson, faultsOf, type JsonObject, PlanyardError } from '@planyard/contracts';
import type { WorkerTool } from '../registry/worker-tool.ts';

/** A call whose arguments the tool's schema has accepted. */
export interface Call {
  tool: WorkerTool;
  /** As bound: what is shown, hashed and frozen. */
  args: JsonObject;
  /** As the tool gets them, defaults filled in. */
  input: unknown;
  /** Tool and arguments: equal calls have equal hashes. */
  hash: string;
}

/** They tell calls apart that ask for the same. */
const TRACING = new Set(['request_id', 'trace_id', 'span_id', 'traceparent', 'tracestate']);

/** Checks arguments against the tool's input schema; throws `invalid_args` with every fault located. */
export function checkInput(tool: WorkerTool, bound: JsonObject): Call {
  const { input: schema, broad_search } = tool.definition;
  let args = bound;
  let parsed = schema.safeParse(args);
  if (
    !parsed.success &&
    typeof bound.question === 'string' &&
    broad_search &&
    Object.keys(bound).length === 1
  ) {
    args = broad_search(bound.question) as JsonObject;
    parsed = schema.safeParse(args);
  }
  if (!parsed.success && Object.values(bound).includes(null)) {
    args = Object.fromEntries(Object.entries(bound).filter(([, value]) => value !== null));
    parsed = schema.safeParse(args);
  }
  if (!parsed.success) {
    const errors = faultsOf(parsed.error, 'args');
    const shown = errors.slice(0, 5).map((fault) => `${fault.path}: ${fault.message}`);
    throw new PlanyardError('invalid_args', shown.join('; '), { errors });
  }
  return { tool, args, input: parsed.data, hash: hashOf(tool.manifest.name, args) };
}

function hashOf(name: string, args: JsonObject): string {
  const kept = Object.fromEntries(Object.entries(args).filter(([key]) => !TRACING.has(key)));
  return createHash('sha256')
    .update(canonicalJson([name, kept]))
    .digest('hex');
}
