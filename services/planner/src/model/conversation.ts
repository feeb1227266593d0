import type { RunRecord } from '@planyard/contracts';
import type { ChatMessage } from '@planyard/llm';

/** What the user and the assistant have said; the question stands last. */
export function conversationOf({ request }: RunRecord): ChatMessage[] {
  const said = request.messages.filter((message) => message.role !== 'system');
  const last = said.at(-1);
  const asked = last?.role === 'user' && textOf(last.content) === request.question;
  return asked ? said : [...said, { role: 'user', content: request.question }];
}

function textOf(content: RunRecord['request']['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
