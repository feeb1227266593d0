import { wordsOf } from './words.ts';

/** What a question may want: the words that say so, and the tools that serve it (`*` stands for any operation). */
export interface IntentRule {
  cues: readonly string[];
  tools: readonly string[];
}

/** Intents by name. An agent may bring further ones. */
export type IntentRules = Readonly<Record<string, IntentRule>>;

export const INTENTS = {
  search: {
    cues: 'search find list show all any with named called matching'.split(' '),
    tools: ['ci.search', 'ci.list_preview'],
  },
  lookup: {
    cues: 'about details detail describe who owner owns owned status'.split(' '),
    tools: ['ci.get', 'ci.get_by_code'],
  },
  aggregate: {
    cues: 'many count number average avg mean total sum max maximum min minimum p50 p90 p95 p99 percentile top most least highest lowest busiest per load loaded usage latency cpu memory rate'.split(
      ' ',
    ),
    tools: ['ci.aggregate', 'metric.aggregate'],
  },
  relationship: {
    cues: 'depend depends depending dependent dependents dependency dependencies rely relies uses using used upstream downstream impact affected connected connection path between neighbours neighbors related relation runs reach'.split(
      ' ',
    ),
    tools: ['graph.expand', 'graph.path'],
  },
  history: {
    cues: 'change changed changes happened happen event events incident incidents deploy deployed deployment deployments history log alert alerts before after last recent recently when'.split(
      ' ',
    ),
    tools: ['history.event_log'],
  },
  analysis: {
    cues: 'simulate simulation fired fire would rule threshold trigger triggered'.split(' '),
    tools: ['cep.simulate'],
  },
  list: {
    cues: 'list lists overview every everything which enumerate'.split(' '),
    tools: ['ci.list_preview'],
  },
  path: {
    cues: 'path paths route between hops shortest way'.split(' '),
    tools: ['graph.path'],
  },
  document: {
    cues: 'document documents documentation docs runbook runbooks manual wiki guide policy page pages article written'.split(
      ' ',
    ),
    tools: ['document.*', 'docs.*'],
  },
} as const satisfies IntentRules;

/** The intents whose cue words stand in the question, those with the most first. */
export function detectIntents(question: string, rules: IntentRules = INTENTS): string[] {
  const words = new Set(wordsOf(question));
  return Object.entries(rules)
    .map(([intent, { cues }]) => ({ intent, hits: cues.filter((cue) => words.has(cue)).length }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits)
    .map(({ intent }) => intent);
}

/** The intents a tool serves. */
export function intentsOf(tool: string, rules: IntentRules = INTENTS): string[] {
  const anyOfType = `${tool.slice(0, tool.indexOf('.'))}.*`;
  return Object.entries(rules)
    .filter(([, { tools }]) => tools.includes(tool) || tools.includes(anyOfType))
    .map(([intent]) => intent);
}
