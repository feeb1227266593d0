import type {
  InventoryCatalog,
  JsonObject,
  SelectorStrategy,
  ToolFigures,
  ToolManifest,
  ToolName,
} from '@planyard/contracts';
import { detectIntents, liveFiguresOf, rankTools } from '@planyard/planning';
import { clausesOf } from './clause.ts';
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
  const choose = (candidates: string[]): string => {
    const offered = tools.filter((tool) => candidates.includes(tool.name));
    const live = (name: ToolName) =>
      liveFiguresOf(offered.find((tool) => tool.name === name) as ToolManifest, options.figures?.get(name));
    const { strategy } = options;
    const [best] = options.selector ? rankTools({ question, intents, tools: offered, strategy, live }) : [];
    const first = candidates.find((name) => offered.some((tool) => tool.name === name));
    return best?.tool.name ?? first ?? (candidates[0] as string);
  };
  let before: Builder['before'] = null;
  for (const clause of clauses) {
    let [steps, notes]: [RuleStep[], string[]] = [[], []];
    const trial = (): Builder => {
      [steps, notes] = [[], []];
      return {
        lexicon,
        before,
        add(base, tool, args, purpose, more) {
          // What the clause before asks already is not asked again.
          const same = understood.steps.find(
            (step) => step.tool === tool && JSON.stringify(step.args) === JSON.stringify(args),
          );
          const taken = new Set([...understood.steps, ...steps].map((step) => step.id));
          let id = base;
          for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
          steps.push(same ?? { id, tool, args: args as JsonObject, purpose, ...more });
          return same?.id ?? id;
        },
        note: (text) => notes.push(text),
        choose,
      };
    };
    const refusal = goalOf(clause, trial);
    if (refusal !== null) {
      understood.not_understood.push(`${refusal} ("${clause.text}")`);
      continue;
    }
    const readings = clause.tokens.flatMap(({ read }) => read ?? []);
    understood.notes.push(...readings.map(({ typed, as }) => `"${typed}" was read as ${as}.`), ...notes);
    understood.steps.push(...steps.filter((step) => !understood.steps.includes(step)));
    before = { clause, steps };
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

/** The refusal of a question that the rules cannot map: what they lack, and questions they do understand. */
export function refusalOf(understood: Understood, catalog: InventoryCatalog): string {
  const why = understood.not_understood.join('; ') || 'the question names nothing that is known here';
  const examples = examplesFor(catalog).map((example) => `"${example}"`);
  return `Without a model only simple questions are understood, and in this one: ${why}. Examples: ${examples.join(', ')}.`;
}
