import {
  type AgentToolSchema,
  type Catalog,
  fitsPattern,
  type JsonObject,
  type ToolManifest,
} from '@planyard/contracts';
import type { Agent } from './agent.ts';

/** The tools of an agent as they are on offer now. */
export interface AgentTools {
  tools: ToolManifest[];
  /** One sentence for each tool that is not as the agent's file says; such a tool is left out. */
  faults: string[];
}

/** Those of the offered tools that the agent may use, each as its file shows it. */
export function toolsOfAgent(
  agent: Pick<Agent, 'name' | 'tools'>,
  offered: readonly ToolManifest[],
): AgentTools {
  const faults: string[] = [];
  const chosen = new Map<string, ToolManifest>();
  for (const entry of agent.tools) {
    if (typeof entry === 'string') {
      for (const tool of offered)
        if (fitsPattern(entry, tool.name) && !chosen.has(tool.name)) chosen.set(tool.name, tool);
      continue;
    }
    const tool = offered.find(({ name }) => name === entry.name);
    if (!tool) continue;
    const wrong = faultsOfSchema(entry, tool);
    faults.push(...wrong.map((fault) => `agent ${agent.name}, tool ${entry.name}: ${fault}`));
    if (wrong.length === 0) chosen.set(tool.name, narrowed(tool, entry));
    else chosen.delete(tool.name);
  }
  return { tools: [...chosen.values()], faults };
}

/** The data sources that the agent is shown. */
export function sourcesOfAgent<T extends Pick<Catalog, 'source'>>(
  agent: Pick<Agent, 'knowledge'>,
  catalogs: readonly T[],
): T[] {
  return catalogs.filter(({ source }) => agent.knowledge.some((pattern) => fitsPattern(pattern, source)));
}

function faultsOfSchema(entry: AgentToolSchema, tool: ToolManifest): string[] {
  const properties = propertiesOf(tool.input_schema);
  const faults = entry.parameters.flatMap(({ name, type }) => {
    const schema = properties[name];
    if (schema === undefined)
      return [`it has no argument ${name}; there are: ${Object.keys(properties).join(', ') || 'none'}`];
    return takes(schema, type, tool.input_schema) ? [] : [`its argument ${name} is no ${type}`];
  });
  const named = new Set(entry.parameters.map(({ name }) => name));
  for (const name of requiredOf(tool.input_schema))
    if (!named.has(name)) faults.push(`its argument ${name} is required and not among the parameters`);
  return faults;
}

/** The tool with the entry's description, and of its arguments those of the entry. */
function narrowed(tool: ToolManifest, entry: AgentToolSchema): ToolManifest {
  const properties = propertiesOf(tool.input_schema);
  const kept = entry.parameters.map(({ name, description }) => {
    const schema = properties[name] ?? {};
    return [name, description === '' ? schema : { ...schema, description }] as const;
  });
  const required = [
    ...new Set([
      ...requiredOf(tool.input_schema),
      ...entry.parameters.filter((each) => each.required).map(({ name }) => name),
    ]),
  ];
  return {
    ...tool,
    description: entry.description,
    input_schema: {
      ...tool.input_schema,
      properties: Object.fromEntries(kept),
      required,
      additionalProperties: false,
    } as JsonObject,
  };
}

function propertiesOf(schema: JsonObject): Record<string, JsonObject> {
  return (schema.properties ?? {}) as Record<string, JsonObject>;
}

function requiredOf(schema: JsonObject): string[] {
  return (schema.required ?? []) as string[];
}

/** Whether values of the type may fit the schema; one that says no type takes any. */
function takes(schema: JsonObject, type: string, root: JsonObject, depth = 0): boolean {
  if (depth > 8) return true;
  if (typeof schema.$ref === 'string') {
    const keys = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
    const target = keys.reduce<unknown>(
      (at, key) => (at !== null && typeof at === 'object' ? (at as JsonObject)[key] : undefined),
      root,
    );
    return target === undefined || takes(target as JsonObject, type, root, depth + 1);
  }
  const union = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(union)) return union.some((each) => takes(each as JsonObject, type, root, depth + 1));
  if (Array.isArray(schema.enum)) return schema.enum.some((value) => typeOfValue(value, type));
  if (schema.type === undefined) return true;
  const types = [schema.type].flat();
  return (
    types.includes(type) ||
    (type === 'integer' && types.includes('number')) ||
    (type === 'number' && types.includes('integer'))
  );
}

function typeOfValue(value: unknown, type: string): boolean {
  if (type === 'integer' || type === 'number') return typeof value === 'number';
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}
