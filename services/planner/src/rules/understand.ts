import type {
  InventoryCatalog,
  SelectorStrategy,
  ToolFigures,
  ToolManifest,
  ToolName,
} from '@planyard/contracts';
import { detectIntents, liveFiguresOf, rankTools } from '@planyard/planning';
import { type Clause, clausesOf } from './clause.ts';
import { examplesFor } from './examples.ts';
import type { Builder, RuleStep } from './goals/goal.ts';
import { goalOf } from './goals.ts';
import { createLexicon } from './lexicon.ts';

export interface Understood {
  steps: RuleStep[];
  /** Sentences for the answer: how a word was read, what is not known. */
  notes: string[];
  /** Parts of the question that nothing was made of. */
  not_understood: string[];
}

/** Characters of a question. Each unknown word is compared with every name of the inventory, while all else of the planner waits. */
const LONGEST = 1_000;

/** Maps a question onto tool calls by what the catalog names in it. Pure: the same question and catalog give the same plan. */
export function understand(
  question: string,
  catalog: InventoryCatalog,
  tools: ToolManifest[],
  options: {
    selector: boolean;
    strategy?: SelectorStrategy;
    /** How the tools do; their profiles alone where nothing is known. */
    figures?: ReadonlyMap<ToolName, ToolFigures>;
    now: Date;
    /** Whose tools these are. */
    agent?: string | null;
  },
): Understood {
  if (question.length > LONGEST)
    return { steps: [], notes: [], not_understood: [`it is longer than ${LONGEST} characters`] };
  const lexicon = createLexicon(catalog);
  const newest = catalog.time_range ? Date.parse(catalog.time_range.to) : Number.POSITIVE_INFINITY;
  const clauses = clausesOf(question, lexicon, new Date(Math.min(newest, options.now.getTime())));
  const understood: Understood = { steps: [], notes: [], not_understood: [] };
  const intents = detectIntents(question);
  let before: Builder['before'] = null;
  for (const clause of clauses) {
    const steps: RuleStep[] = [];
    const builder: Builder = {
      lexicon,
      question,
      before,
      add(base, tool, args, purpose, more) {
        // What the clause before asks already is not asked again.
        const same = understood.steps.find(
          (step) => step.tool === tool && JSON.stringify(step.args) === JSON.stringify(args),
        );
        if (same) {
          steps.push(same);
          return same.id;
        }
        const taken = new Set([...understood.steps, ...steps].map((step) => step.id));
        let id = base;
        for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
        steps.push({ id, tool, args, purpose, ...more });
        return id;
      },
      note: (text) => understood.notes.push(text),
      choose(candidates) {
        const offered = tools.filter((tool) => candidates.includes(tool.name));
        const best = options.selector
          ? rankTools({
              question,
              intents,
              tools: offered,
              strategy: options.strategy,
              live: (name) =>
                liveFiguresOf(
                  offered.find((tool) => tool.name === name) as ToolManifest,
                  options.figures?.get(name),
                ),
            })[0]?.tool.name
          : undefined;
        return (
          best ??
          candidates.find((name) => offered.some((tool) => tool.name === name)) ??
          (candidates[0] as string)
        );
      },
    };
    const refusal = goalOf(clause, builder);
    if (refusal !== null) understood.not_understood.push(`${refusal} ("${clause.text}")`);
    else {
      for (const token of clause.tokens)
        if (token.read_for && token.meaning)
          understood.notes.push(`"${token.read_for}" was read as ${nameOf(token.meaning)}.`);
      understood.steps.push(...steps.filter((step) => !understood.steps.includes(step)));
      before = { clause, steps };
    }
  }
  const offered = new Set(tools.map((tool) => tool.name));
  const lacking = understood.steps.find((step) => !offered.has(step.tool));
  if (lacking) {
    understood.not_understood.push(
      options.agent
        ? `it takes the tool ${lacking.tool}, which is not among those that the agent ${options.agent} has now`
        : `the tool ${lacking.tool} has no live worker`,
    );
    understood.steps = [];
  }
  if (clauses.length === 0) understood.not_understood.push('there is no question');
  return understood;
}

function nameOf(meaning: NonNullable<Clause['tokens'][number]['meaning']>): string {
  switch (meaning.kind) {
    case 'item':
      return meaning.item.code;
    case 'type':
      return meaning.type ?? 'items';
    case 'value':
      return meaning.value;
    case 'adjective':
      return meaning.fields.join(' or ');
    case 'field':
      return meaning.field;
    case 'metric':
      return meaning.metric;
    case 'event':
      return meaning.types.join(' or ');
  }
}

/** The refusal of a question that the rules cannot map: what they lack, and questions they do understand. */
export function refusalOf(understood: Understood, catalog: InventoryCatalog): string {
  const why = understood.not_understood.join('; ') || 'the question names nothing that is known here';
  return `Without a model only simple questions are understood, and in this one: ${why}. Examples: ${examplesFor(
    catalog,
  )
    .map((example) => `"${example}"`)
    .join(', ')}.`;
}
