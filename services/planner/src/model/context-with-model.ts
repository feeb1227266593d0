import { ContextPlan, type Json } from '@planyard/contracts';
import { z } from 'zod';
import { askModel, isUnanswered } from './ask-model.ts';
import type { Unviewed } from './planning.ts';

/** Tokens of the tools that the model chooses among. */
const CHOICE_TOKENS = 3_000;

/** A context plan as the model writes it; what the ranking knows better is left to it. */
const Reply = ContextPlan.pick({ intent: true, stages: true, hints: true, stop: true, privacy: true });

/** What the run looks at first, by one call of the model over a digest of what there is; null where it gives none that can be read. */
export async function contextWithModel(
  { phase, model, acting, conversation, planner, deps }: Unviewed,
  ranked: ContextPlan,
): Promise<ContextPlan | null> {
  const byName = new Map(acting.tools.map((tool) => [tool.name, tool]));
  const best = [...new Set([...ranked.candidates.map(({ tool }) => tool), ...byName.keys()])];
  const choice = await deps.digester.choose(
    best.flatMap((name) => byName.get(name) ?? []),
    CHOICE_TOKENS,
  );
  const prompt = deps.prompts.render('context', {
    agent: acting.told.text.trim(),
    contexts: contextsOf(acting.tools.map(({ name }) => name)),
    tools: choice.text,
  });
  const messages = [{ role: 'system' as const, content: prompt.text }, ...conversation.messages];
  const call = {
    purpose: 'route' as const,
    prompt: `${prompt.label} ${acting.told.label}${conversation.label}`,
    model: planner,
  };
  try {
    let text = '';
    const request = { messages, output: { name: 'context', schema: SCHEMA } };
    for await (const event of askModel(phase, model, request, call))
      if (event.type === 'text') text += event.text;
    return ContextPlan.parse(Reply.parse(JSON.parse(text)));
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(isUnanswered(error) || error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    deps.log.warn({ err: error }, 'no context plan came from the model: the ranking takes its place');
    return null;
  }
}

/** Each type of tools with how many there are. */
function contextsOf(names: string[]): string[] {
  const types = Map.groupBy(names, (name) => name.slice(0, name.indexOf('.')));
  return [...types].map(([type, tools]) => `${type} (${tools.length})`);
}

const SCHEMA = schemaOf();

function schemaOf(): { [key: string]: Json } {
  const { $schema: _, ...schema } = z.toJSONSchema(Reply, { io: 'input' });
  return JSON.parse(JSON.stringify(schema));
}
