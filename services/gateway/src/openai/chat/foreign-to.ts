import type { ChatCompletionRequest, Fault } from '@planyard/contracts';

/** Fields that change what the reply is, with what they ask for, where their value asks for it. Hints (`user`, `service_tier`, `prediction` …) change nothing where they are not known. */
const FIELDS: [name: string, what: string, asks: (value: unknown) => boolean][] = [
  ['n', 'several answers', (value) => Number(value) > 1],
  ['logprobs', 'log probabilities', (value) => value === true],
  ['top_logprobs', 'log probabilities', (value) => Number(value) > 0],
  ['logit_bias', 'a bias', (value) => Object.keys(value as object).length > 0],
  ['functions', 'functions in their old form', (value) => Array.isArray(value) && value.length > 0],
  ['function_call', 'functions in their old form', (value) => value !== 'none'],
  ['modalities', 'a reply that is not text', (value) => JSON.stringify(value) !== '["text"]'],
  ['audio', 'a reply that is not text', () => true],
  ['web_search_options', 'a web search', () => true],
];

/** What of a chat completion's request OpenAI's protocol alone can say, and where. */
export function foreignTo(body: ChatCompletionRequest): Fault[] {
  const faults: Fault[] = [];
  const add = (path: string, message: string) => faults.push({ path, message });
  for (const [name, what, asks] of FIELDS) {
    const value = body[name];
    if (value !== null && value !== undefined && asks(value)) add(name, what);
  }
  for (const [at, message] of body.messages.entries()) {
    const path = `messages[${at}]`;
    if (message.role === 'function') add(path, 'a message of the role function');
    if (message.role === 'user' && Array.isArray(message.content))
      for (const [part, { type }] of message.content.entries())
        if (type !== 'text' && type !== 'image_url')
          add(`${path}.content[${part}]`, `content of type ${type}`);
    if (message.role === 'assistant')
      for (const [call, { type }] of (message.tool_calls ?? []).entries())
        if (type !== 'function') add(`${path}.tool_calls[${call}]`, `a call of type ${type}`);
  }
  for (const [at, { type }] of (body.tools ?? []).entries())
    if (type !== 'function') add(`tools[${at}]`, `a tool of type ${type}`);
  const { tool_choice: choice, response_format: format } = body;
  if (typeof choice === 'object' && choice && choice.type !== 'function' && choice.type !== 'allowed_tools')
    add('tool_choice', `a choice of type ${choice.type}`);
  if (format && !['text', 'json_object', 'json_schema'].includes(format.type))
    add('response_format', `a format of type ${format.type}`);
  return faults;
}
