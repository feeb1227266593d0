import type { ChatCompletionEnvelope, JsonObject } from '@planyard/contracts';
import { type ChatMessage, type ChatPart, chatDemand, type Demand } from '@planyard/llm';

/** What a chat completion may use whose body nobody has checked. */
export function envelopeDemand(envelope: ChatCompletionEnvelope): Demand {
  return chatDemand({ ...envelope, max_tokens: maxTokensOf(envelope) }, () => {
    const { model: _, messages, ...extra } = envelope;
    return { messages: messages.map(said), extra: extra as JsonObject };
  });
}

/** What counts as a message's tokens, of a message that nobody has checked: what is not known counts as it is written. */
function said({ role: _role, content, ...more }: ChatCompletionEnvelope['messages'][number]): ChatMessage {
  const isKnown = Object.keys(more).length === 0;
  if (isKnown && !Array.isArray(content)) return { role: 'user', content: String(content ?? '') };
  const parts: ChatPart[] = Array.isArray(content)
    ? content.filter((part) => typeof part?.type === 'string').map(known)
    : [{ type: 'text', text: String(content ?? '') }];
  return { role: 'user', content: isKnown ? parts : [...parts, asWritten(more)] };
}

function known(part: { type: string }): ChatPart {
  return part.type === 'text' || part.type === 'image_url' ? (part as ChatPart) : asWritten(part);
}

function asWritten(value: object): ChatPart {
  return { type: 'foreign', part: value as JsonObject };
}

/** The larger where both are given: which of them holds is the provider's to say. */
function maxTokensOf({ max_completion_tokens, max_tokens }: ChatCompletionEnvelope): number | null {
  const given = Math.max(max_completion_tokens ?? 0, max_tokens ?? 0);
  return given === 0 ? null : given;
}
