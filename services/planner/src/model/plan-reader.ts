import { JSONParser } from '@streamparser/json';

/** What a plan's text has given so far. */
export interface PlanReader {
  /** Takes the next piece of the model's text; returns the steps that it completed. */
  write(text: string): unknown[];
  /** Ends the text; a plan that is not whole has `broken`. */
  end(): void;
  /** Steps seen, valid or not. */
  readonly steps: number;
  readonly intent: string;
  readonly answer: string | null;
  /** Why the JSON could not be read to its end, or null. */
  readonly broken: string | null;
}

/**
 * Reads `{"intent", "steps", "answer"}` from a stream of text, step by step.
 * Prose and fences around it are passed over: each `{` is tried as its beginning until one is the plan.
 */
export function createPlanReader(): PlanReader {
  /** The text from the `{` that is being tried; kept until it has proved to be the plan. */
  let tried = '';
  let parser: JSONParser | null = null;
  let isPlan = false;
  let done = false;
  let completed: unknown[] = [];
  const found = { steps: 0, intent: '', answer: null as string | null, broken: null as string | null };

  function open(): JSONParser {
    const next = new JSONParser({
      paths: ['$.steps', '$.steps.*', '$.intent', '$.answer'],
      keepStack: false,
    });
    next.onValue = ({ value, key, stack }) => {
      isPlan = true;
      if (stack.length > 1) {
        found.steps += 1;
        completed.push(value);
      } else if (key === 'intent' && typeof value === 'string') found.intent = value;
      else if (key === 'answer' && typeof value === 'string') found.answer = value;
    };
    return next;
  }

  /** Feeds the parser; false when this cannot be the plan. */
  function feed(text: string): boolean {
    try {
      parser?.write(text);
    } catch (error) {
      if (!isPlan) return false;
      // What follows the end of the plan's object is prose.
      if (!parser?.isEnded) found.broken = error instanceof Error ? error.message : String(error);
      done = true;
    }
    if (parser?.isEnded) {
      if (!isPlan) return false;
      done = true;
    }
    return true;
  }

  function write(text: string): unknown[] {
    completed = [];
    if (!done) {
      if (parser && isPlan) feed(text);
      else search(tried + text);
    }
    return completed;
  }

  function search(text: string): void {
    let rest = text;
    // Goes on where it was: the text before was accepted so far.
    if (parser) {
      if (feed(text.slice(tried.length))) {
        tried = isPlan ? '' : text;
        return;
      }
      rest = text.slice(1);
    }
    for (let at = rest.indexOf('{'); at >= 0; at = rest.indexOf('{')) {
      rest = rest.slice(at);
      parser = open();
      if (feed(rest)) {
        tried = isPlan ? '' : rest;
        return;
      }
      rest = rest.slice(1);
    }
    parser = null;
    tried = '';
  }

  function end(): void {
    if (done) return;
    done = true;
    found.broken = isPlan ? 'the plan was cut off before its end' : 'there is no plan in the reply';
  }

  return {
    write,
    end,
    get steps() {
      return found.steps;
    },
    get intent() {
      return found.intent;
    },
    get answer() {
      return found.answer;
    },
    get broken() {
      return found.broken;
    },
  };
}
