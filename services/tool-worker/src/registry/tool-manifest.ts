import { type JsonObject, ToolManifest } from '@planyard/contracts';
import { z } from 'zod';
import type { WorkerTool } from './worker-tool.ts';

/** What the planner is told of a tool. Throws where a schema cannot be written as JSON Schema. */
export function manifestOf(tool: WorkerTool['definition']): ToolManifest {
  return ToolManifest.parse({
    name: tool.name,
    description: tool.description,
    class: tool.class,
    input_schema: jsonSchema(tool.input, 'input'),
    output_schema: jsonSchema(tool.output, 'output'),
    effects: tool.effects,
    idempotent: tool.idempotent,
    needs_approval: tool.needs_approval,
    broad_search: tool.broad_search !== undefined,
    timeout_ms: tool.timeout_ms,
    max_tries: tool.max_tries,
    max_in_flight: tool.max_in_flight,
    cache_ttl_s: tool.cache === false ? 0 : tool.cache.ttl_s,
    cost_usd: tool.cost_usd,
    profile: tool.profile,
  });
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: node }) => {
      // zod bounds every integer; to a reader of the schema that is noise.
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
    },
  });
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}
