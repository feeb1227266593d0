import type { Phase } from '@planyard/engine';
import { createDeltaBatcher } from './delta-batcher.ts';

const BATCH_MS = 50;

/** Streams an answer to those who follow a run. */
export interface AnswerTeller {
  /** Takes the next piece of the model's text. */
  push(text: string): Promise<void>;
  /** Tells the rest; the whole answer, empty when there was none. */
  complete(): Promise<string>;
  /** Whether those who follow the run have seen any of it. */
  readonly begun: boolean;
}

/** `heldBack`: characters that are kept until more come or the answer is complete, since until then it may be none. */
export function createAnswerTeller(
  phase: Pick<Phase, 'answerStarted' | 'answerDelta' | 'answerCompleted'>,
  heldBack = 0,
): AnswerTeller {
  const batcher = createDeltaBatcher((text) => phase.answerDelta(text), BATCH_MS);
  let answer = '';
  let told = 0;

  async function tell(): Promise<void> {
    if (told === 0) await phase.answerStarted();
    batcher.push(answer.slice(told));
    told = answer.length;
  }

  return {
    get begun() {
      return told > 0;
    },
    async push(text) {
      // White space decides nothing yet: a model may send it before a tool call.
      if (answer === '' && text.trim() === '') return;
      answer += text;
      if (told > 0 || answer.length > heldBack) await tell();
    },
    async complete() {
      if (answer === '') return '';
      if (told < answer.length) await tell();
      await batcher.flush();
      await phase.answerCompleted(answer);
      return answer;
    },
  };
}
