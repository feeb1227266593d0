import { isDeepStrictEqual } from 'node:util';
import type {
  InventoryCatalog,
  JsonObject,
  SelectorStrategy,
  ToolFigures,
  ToolManifest,
  ToolName,
} from '@planyard/contracts';
import { detectIntents, liveFiguresOf, rankTools } from '@planyard/planning';
import { type Clause, clausesOf } from './clause.ts';
import type { Builder, RuleStep } from './goals/goal.ts';
import { createLexicon } from './lexicon.ts';
import { planOf } from './plan-of.ts';

export interface Understood {
  steps: RuleStep[];
  /** Parts of the question that nothing was made of. */
  not_understood: string[];
}

interface Options {
  selector: boolean;
  strategy?: SelectorStrategy;
  /** How the tools do; their profiles alone where nothing is known. */
  figures?: ReadonlyMap<ToolName, ToolFigures>;
  now: Date;
  /** Whose tools these are. */
  agent?: string | null;
}

/** Characters of a question: it is read at once, while all else of the planner waits. */
const LONGEST = 1_000;

/** Maps a question onto tool calls by what the catalog names in it. Pure: the same question and catalog give the same plan. */
export function understand(
  question: string,
  catalog: InventoryCatalog,
  tools: ToolManifest[],
  options: Options,
): Understood {
  const nothing = (why: string): Understood => ({ steps: [], not_understood: [why] });
  if (question.length > LONGEST) return nothing(`it is longer than ${LONGEST} characters`);
  const lexicon = createLexicon(catalog);
  const newest = catalog.time_range ? Date.parse(catalog.time_range.to) : Number.POSITIVE_INFINITY;
  const clauses = clausesOf(question, lexicon, new Date(Math.min(newest, options.now.getTime())));
  if (clauses.length === 0) return nothing('there is no question');
  const understood: Understood = { steps: [], not_understood: [] };
  const choose = chooserOf(question, tools, options);
  let before: Builder['before'] = null;
  for (const clause of clauses) {
    const plan = planOf(clause, () => createBuilder({ lexicon, before, choose }, understood.steps));
    if (typeof plan === 'string') {
      understood.not_understood.push(`${plan} ("${clause.text}")`);
      continue;
    }
    understood.steps.push(...plan);
    // What tells no more leaves "them" what they were.
    if (plan.length > 0) before = toldBy(clause, plan, before);
  }
  const lacking = understood.steps.find((step) => tools.every((tool) => tool.name !== step.tool))?.tool;
  if (lacking === undefined) return understood;
  return nothing(
    options.agent
      ? `it takes the tool ${lacking}, which is not among those that the agent ${options.agent} has now`
      : `the tool ${lacking} has no live worker`,
  );
}

/** What "it" and "they" stand for after a clause: of one that says "it" itself, also what that was. */
function toldBy(clause: Clause, steps: RuleStep[], before: Builder['before']): Builder['before'] {
  if (clause.refers === null || before === null) return { clause, steps };
  const { items, types, filters } = before.clause;
  const told = { items, types: clause.types.length > 0 ? clause.types : types, filters };
  return { clause: { ...clause, ...told }, steps: [...before.steps, ...steps] };
}

function createBuilder(given: Omit<Builder, 'steps' | 'add'>, earlier: RuleStep[]): Builder {
  const steps: RuleStep[] = [];
  return {
    ...given,
    steps,
    add(base, tool, args, purpose, more) {
      const asked = [...earlier, ...steps];
      const same = asked.find((step) => step.tool === tool && isDeepStrictEqual(step.args, args));
      if (same) return same.id;
      let id = base;
      for (let number = 2; asked.some((step) => step.id === id); number += 1) id = `${base}_${number}`;
      steps.push({ id, tool, args: args as JsonObject, purpose, ...more });
      return id;
    },
  };
}

/** Chooses the best of tools that can do the same; the first that is offered where the selector is off. */
function chooserOf(question: string, tools: ToolManifest[], { selector, strategy, figures }: Options) {
  const intents = detectIntents(question);
  return (candidates: string[]): string => {
    const offered = candidates.flatMap((name) => tools.filter((tool) => tool.name === name));
    const live = (name: ToolName) =>
      liveFiguresOf(offered.find((tool) => tool.name === name) as ToolManifest, figures?.get(name));
    const [best] = selector ? rankTools({ question, intents, tools: offered, strategy, live }) : [];
    return best?.tool.name ?? offered[0]?.name ?? (candidates[0] as string);
  };
}

/** The refusal of a question that the rules cannot map: what they lack, and questions that they do understand, made from what this inventory holds. */
export function refusalOf({ not_understood }: Understood, catalog: InventoryCatalog): string {
  const [most, second] = catalog.types;
  const [item] = [second, most].flatMap(
    (type) => catalog.items.find((each) => each.type === type?.name) ?? [],
  );
  const metric = catalog.metrics.find(({ name }) => name.includes('cpu')) ?? catalog.metrics[0];
  const event = catalog.event_types.find((type) => /incident|outage/.test(type)) ?? catalog.event_types[0];
  const examples = [
    most && `how many items of type ${most.name} are there by owner?`,
    item && `tell me about ${item.code}`,
    item && catalog.relation_types.length > 0 && `what depends on ${item.code}?`,
    most && metric && `which items have the highest ${metric.name} in the last 24 hours?`,
    event && `what happened before the last ${event.replaceAll('_', ' ')}?`,
  ].flatMap((example) => (example ? [`"${example}"`] : []));
  return `Without a model only simple questions are understood, and in this one: ${not_understood.join('; ')}. Examples: ${examples.join(', ')}.`;
}
