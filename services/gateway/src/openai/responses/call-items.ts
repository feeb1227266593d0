import type { ResponseOutputItem } from '@planyard/contracts';
import type { ToolCall, ToolCallDelta } from '@planyard/llm';
import type { ResponseEvent } from './response-event.ts';

/** A call whose arguments are being told. */
interface OpenCall {
  index: number;
  id: string;
  call: ToolCall;
}

/** The calls of a response, as items of its output and as events of its stream. */
export interface CallItems {
  extend(delta: ToolCallDelta): ResponseEvent[];
  /** A call that was told in pieces is whole. */
  close(call: ToolCall): ResponseEvent[];
  /** A call that comes in one piece. */
  whole(call: ToolCall): ResponseEvent[];
  /** Ends the calls that will not become whole. */
  cut(): ResponseEvent[];
}

/** `output` gets the items; `event` numbers the events, `idOf` names the items. */
export function createCallItems(
  output: ResponseOutputItem[],
  event: (type: string, fields: object) => ResponseEvent,
  idOf: (prefix: string, index: number) => string,
): CallItems {
  const open = new Map<string, OpenCall>();

  function begin(call: ToolCall): ResponseEvent[] {
    const index = output.length;
    const id = idOf(call.custom ? 'ctc' : 'fc', index);
    const at = { index, id, call: { ...call, arguments: '' } };
    open.set(call.id, at);
    const item = itemOf(at, 'in_progress');
    output.push(item);
    return [event('response.output_item.added', { output_index: index, item })];
  }

  function add(at: OpenCall, delta: string): ResponseEvent[] {
    at.call.arguments += delta;
    if (delta === '') return [];
    return [event(`${kindOf(at)}.delta`, { item_id: at.id, output_index: at.index, delta })];
  }

  function end(at: OpenCall, status: 'completed' | 'incomplete'): ResponseEvent[] {
    const { index, id, call } = at;
    open.delete(call.id);
    const item = itemOf(at, status);
    output[index] = item;
    const { name, arguments: text, custom } = call;
    const told = custom ? { input: text } : { name, arguments: text };
    return [
      event(`${kindOf(at)}.done`, { item_id: id, output_index: index, ...told }),
      event('response.output_item.done', { output_index: index, item }),
    ];
  }

  return {
    extend({ id, name, arguments: text, custom }) {
      const before = open.has(id) ? [] : begin({ id, name, arguments: '', ...(custom ? { custom } : {}) });
      return [...before, ...add(open.get(id) as OpenCall, text)];
    },
    close({ id }) {
      const at = open.get(id);
      return at ? end(at, 'completed') : [];
    },
    whole(call) {
      const added = begin(call);
      const at = open.get(call.id) as OpenCall;
      return [...added, ...add(at, call.arguments), ...end(at, 'completed')];
    },
    cut: () => [...open.values()].flatMap((at) => end(at, 'incomplete')),
  };
}

function kindOf({ call }: OpenCall): string {
  return call.custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
}

function itemOf(
  { id, call }: OpenCall,
  status: 'in_progress' | 'completed' | 'incomplete',
): ResponseOutputItem {
  const { id: call_id, name, arguments: text, custom } = call;
  if (custom) return { id, type: 'custom_tool_call', call_id, name, input: text, status };
  return { id, type: 'function_call', call_id, name, arguments: text, status };
}
