import { wordsOf } from './words.ts';

/** What a question wants, and the tools that serve it. */
export const INTENT_TOOLS = {
  search: ['ci.search', 'ci.list_preview'],
  lookup: ['ci.get', 'ci.get_by_code'],
  aggregate: ['ci.aggregate', 'metric.aggregate'],
  relationship: ['graph.expand', 'graph.path'],
  history: ['history.event_log'],
  analysis: ['cep.simulate'],
} as const satisfies Record<string, readonly string[]>;
export type Intent = keyof typeof INTENT_TOOLS;
export const INTENTS = Object.keys(INTENT_TOOLS) as Intent[];

const CUES: Record<Intent, string> = {
  search: 'search find list show all any with named called matching',
  lookup: 'about details detail describe who owner owns owned status',
  aggregate:
    'many count number average avg mean total sum max maximum min minimum p50 p90 p95 p99 percentile top most least highest lowest busiest per load loaded usage latency cpu memory rate',
  relationship:
    'depend depends depending dependent dependents dependency dependencies rely relies uses using used upstream downstream impact affected connected connection path between neighbours neighbors related relation runs reach',
  history:
    'change changed changes happened happen event events incident incidents deploy deployed deployment deployments history log alert alerts before after last recent recently when',
  analysis: 'simulate simulation fired fire would rule threshold trigger triggered',
};

/** The intents whose cue words stand in the question, those with the most first. */
export function detectIntents(question: string): Intent[] {
  const words = new Set(wordsOf(question));
  return INTENTS.map((intent) => ({
    intent,
    hits: CUES[intent].split(' ').filter((cue) => words.has(cue)).length,
  }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits)
    .map(({ intent }) => intent);
}

/** The intents a tool serves. */
export function intentsOf(tool: string): Intent[] {
  return INTENTS.filter((intent) => (INTENT_TOOLS[intent] as readonly string[]).includes(tool));
}
