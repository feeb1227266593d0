import type { Anthropic } from '@anthropic-ai/sdk';
import type { ChatRequest, ToolSpec } from '../../contract.ts';
import { type ClaudeTraits, claudeTraits, thinkingOf } from '../claude.ts';
import { claudeInput, claudeSchema } from '../claude-schema.ts';
import { defined } from '../defined.ts';
import { foreignPart } from '../foreign-part.ts';
import { parseDataUrl } from '../images.ts';
import { type AssistantPart, type Turn, toTurns, type UserPart } from '../turns.ts';

/** `temperature` and `top_p` are no longer part of the current API version. */
type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'> & {
  temperature?: number;
  top_p?: number;
};
type Block = Anthropic.ContentBlockParam;

const CACHED = { cache_control: { type: 'ephemeral' } } as const;

/** Our request as a message's parameters. Tools and the system text, which come first and change least, are marked for Anthropic's cache: of a text in parts the first, as others may change, and the whole. */
export function toParams(
  model: string,
  request: ChatRequest,
): { body: Body; headers: Record<string, string> } {
  const traits = claudeTraits(model);
  const { system, turns } = toTurns(request.messages);
  const maxTokens = request.max_tokens ?? traits.max_tokens;
  const thinking = thinkingOf(request, traits, maxTokens);
  const sampling = thinking ? {} : samplingOf(request, traits);
  const format = request.output && traits.output ? request.output : null;
  return {
    body: {
      model,
      max_tokens: maxTokens,
      messages: turns.map(toMessage),
      ...(system.length > 0 ? { system: system.map(systemBlock) } : {}),
      ...toTools(request, traits, system.length > 0),
      ...defined({ stop_sequences: request.stop }),
      ...sampling,
      ...(thinking?.type === 'adaptive' ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
      ...(thinking?.type === 'enabled' ? { thinking } : {}),
      ...(format || thinking?.type === 'adaptive'
        ? {
            output_config: {
              ...(format ? { format: { type: 'json_schema', schema: claudeSchema(format.schema) } } : {}),
              ...(thinking?.type === 'adaptive' ? { effort: thinking.effort } : {}),
            },
          }
        : {}),
    },
    // The last API version that takes sampling parameters, for the models that do.
    headers: Object.keys(sampling).length > 0 ? { 'anthropic-version': '2023-06-01' } : {},
  };
}

function systemBlock(text: string, at: number, all: string[]): Anthropic.TextBlockParam {
  return { type: 'text', text, ...(at === 0 || at === all.length - 1 ? CACHED : {}) };
}

/** Claude takes one of the two. */
function samplingOf({ temperature, top_p }: ChatRequest, traits: ClaudeTraits) {
  if (!traits.sampling) return {};
  return temperature === undefined ? defined({ top_p }) : { temperature: Math.min(1, temperature) };
}

function toTools(
  request: ChatRequest,
  traits: ClaudeTraits,
  systemIsCached: boolean,
): Pick<Body, 'tools' | 'tool_choice'> {
  const { tools = [], tool_choice: choice = 'auto' } = request;
  if (tools.length === 0) return {};
  const parallel = request.parallel_tool_calls === false ? { disable_parallel_tool_use: true } : {};
  const choices = {
    auto: { type: 'auto', ...parallel },
    required: { type: 'any', ...parallel },
    none: { type: 'none' },
  } as const;
  return {
    tools: tools.map((tool, index) => ({
      ...toTool(tool, traits),
      // A mark on the system text covers the tools before it.
      ...(!systemIsCached && index === tools.length - 1 ? CACHED : {}),
    })),
    tool_choice:
      typeof choice === 'string' ? choices[choice] : { type: 'tool', name: choice.name, ...parallel },
  };
}

function toTool(tool: ToolSpec, traits: ClaudeTraits): Anthropic.Tool {
  const { schema, ...strict } = claudeInput(tool, traits);
  return { name: tool.name, description: tool.description, input_schema: schema, ...strict };
}

function toMessage(turn: Turn): Anthropic.MessageParam {
  if (turn.role === 'user') return { role: 'user', content: turn.parts.map(userBlock) };
  return { role: 'assistant', content: turn.parts.flatMap(assistantBlock) };
}

function userBlock(part: UserPart): Block {
  switch (part.type) {
    case 'text':
      return part;
    case 'foreign':
      throw foreignPart(part, 'Anthropic');
    case 'tool_result':
      return { type: 'tool_result', tool_use_id: part.tool_call_id, content: part.content };
    case 'image_url': {
      const { url } = part.image_url;
      const image = parseDataUrl(url);
      if (!image) return { type: 'image', source: { type: 'url', url } };
      const media_type = image.media_type as Anthropic.Base64ImageSource['media_type'];
      return { type: 'image', source: { type: 'base64', media_type, data: image.base64 } };
    }
  }
}

/** Reasoning that is neither signed nor redacted came from another provider: Anthropic would refuse it. */
function assistantBlock(part: AssistantPart): Block[] {
  switch (part.type) {
    case 'text':
      return [part];
    case 'tool_call':
      return [{ type: 'tool_use', id: part.call.id, name: part.call.name, input: part.input }];
    case 'reasoning': {
      const { text, signature, redacted } = part.reasoning;
      if (redacted) return [{ type: 'redacted_thinking', data: redacted }];
      return signature ? [{ type: 'thinking', thinking: text, signature }] : [];
    }
  }
}
