import type {
  ContentBlock,
  ConverseCommandInput,
  ImageFormat,
  Message,
  SystemContentBlock,
  Tool,
  ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime';
import type { JsonObject } from '@planyard/contracts';
import type { ChatRequest, ToolSpec } from '../../contract.ts';
import { type ClaudeTraits, claudeTraits, thinkingOf } from '../claude.ts';
import { claudeInput, claudeSchema } from '../claude-schema.ts';
import { defined } from '../defined.ts';
import { atMostHigh } from '../effort.ts';
import { foreignPart } from '../foreign-part.ts';
import { inlineImage } from '../images.ts';
import { type AssistantPart, type Turn, toTurns, type UserPart } from '../turns.ts';

/** Our request as the input of Converse and of ConverseStream. */
export function toInput(model: string, request: ChatRequest): ConverseCommandInput {
  const claude = model.includes('anthropic.claude') ? claudeTraits(model) : null;
  const { system, turns } = toTurns(request.messages);
  const maxTokens = request.max_tokens ?? claude?.max_tokens;
  const thinking = claude && thinkingOf(request, claude, maxTokens ?? 0);
  const sampling = thinking || claude?.sampling === false ? {} : samplingOf(request, claude);
  return {
    modelId: model,
    messages: turns.map(toMessage),
    ...(system.length > 0 ? { system: toSystem(system, model, claude) } : {}),
    inferenceConfig: { ...defined({ maxTokens, stopSequences: request.stop }), ...sampling },
    ...defined({ toolConfig: toToolConfig(request, claude) }),
    ...(request.output && claude?.output
      ? {
          outputConfig: {
            textFormat: {
              type: 'json_schema',
              structure: {
                jsonSchema: {
                  name: request.output.name,
                  schema: JSON.stringify(claudeSchema(request.output.schema)),
                },
              },
            },
          },
        }
      : {}),
    ...defined({ additionalModelRequestFields: reasoningFields(model, request, thinking) }),
  };
}

/** The system text is what changes least: models that can cache it are told to, of a text in parts the first, as others may change, and the whole. */
function toSystem(system: string[], model: string, claude: ClaudeTraits | null): SystemContentBlock[] {
  const caches = claude?.caching || model.includes('amazon.nova');
  return system.flatMap((text, at): SystemContentBlock[] => {
    const marked = caches && (at === 0 || at === system.length - 1);
    return [{ text }, ...(marked ? [{ cachePoint: { type: 'default' as const } }] : [])];
  });
}

/** Claude takes one of the two. */
function samplingOf({ temperature, top_p }: ChatRequest, claude: ClaudeTraits | null) {
  if (claude && temperature !== undefined) return { temperature: Math.min(1, temperature) };
  return defined({ temperature, topP: top_p });
}

/** Converse has no field for reasoning: each family has its own. */
function reasoningFields(
  model: string,
  request: ChatRequest,
  thinking: ReturnType<typeof thinkingOf>,
): JsonObject | undefined {
  if (thinking?.type === 'enabled') return { thinking: { ...thinking } };
  if (thinking?.type === 'adaptive')
    return { thinking: { type: 'adaptive' }, output_config: { effort: thinking.effort } };
  const effort = atMostHigh(request.reasoning_effort);
  if (effort && effort !== 'none' && effort !== 'minimal' && model.includes('amazon.nova-2'))
    return { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } };
  return undefined;
}

/** Converse wants the tools of a conversation named even where none may be called; it has no choice `none`. */
function toToolConfig(request: ChatRequest, claude: ClaudeTraits | null): ToolConfiguration | undefined {
  const toTool = (tool: ToolSpec) => asTool(tool, claude);
  const { tools = [], tool_choice: choice = 'auto' } = request;
  if (choice === 'none' || tools.length === 0) {
    const names = new Set(
      request.messages.flatMap((message) =>
        message.role === 'assistant' ? (message.tool_calls ?? []).map((call) => call.name) : [],
      ),
    );
    if (names.size === 0) return undefined;
    const named = [...names].map((name) => tools.find((tool) => tool.name === name) ?? bareTool(name));
    return { tools: named.map(toTool) };
  }
  // `auto` is what happens without a choice, which not every model lets one name.
  if (choice === 'auto') return { tools: tools.map(toTool) };
  return {
    tools: tools.map(toTool),
    toolChoice: choice === 'required' ? { any: {} } : { tool: { name: choice.name } },
  };
}

function bareTool(name: string): ToolSpec {
  return { name, description: '', parameters: { type: 'object' } };
}

function asTool(tool: ToolSpec, claude: ClaudeTraits | null): Tool {
  const { name, description, parameters, strict } = tool;
  const { schema, ...more } = claude
    ? claudeInput(tool, claude)
    : { schema: { ...parameters, type: 'object' as const }, ...defined({ strict }) };
  return {
    toolSpec: { name, description: description || name, inputSchema: { json: schema }, ...more },
  };
}

function toMessage(turn: Turn): Message {
  if (turn.role === 'user') return { role: 'user', content: turn.parts.map(userBlock) };
  return { role: 'assistant', content: turn.parts.flatMap(assistantBlock) };
}

function userBlock(part: UserPart): ContentBlock {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'foreign':
      throw foreignPart(part, 'Bedrock');
    case 'tool_result':
      return { toolResult: { toolUseId: part.tool_call_id, content: [{ text: part.content || '(empty)' }] } };
    case 'image_url': {
      const image = inlineImage(part.image_url.url, 'Bedrock');
      const format = image.media_type.replace('image/', '').replace('jpg', 'jpeg') as ImageFormat;
      return { image: { format, source: { bytes: Buffer.from(image.base64, 'base64') } } };
    }
  }
}

/** Reasoning that is neither signed nor redacted came from another provider: Bedrock would refuse it. */
function assistantBlock(part: AssistantPart): ContentBlock[] {
  switch (part.type) {
    case 'text':
      return [{ text: part.text }];
    case 'tool_call':
      return [{ toolUse: { toolUseId: part.call.id, name: part.call.name, input: part.input } }];
    case 'reasoning': {
      const { text, signature, redacted } = part.reasoning;
      if (redacted) return [{ reasoningContent: { redactedContent: Buffer.from(redacted, 'base64') } }];
      return signature ? [{ reasoningContent: { reasoningText: { text, signature } } }] : [];
    }
  }
}
