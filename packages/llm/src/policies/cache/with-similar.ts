import type { LlmLog } from '../../log.ts';
import type { ReplyCache } from './reply-cache.ts';
import type { Question, SimilarQuestions } from './similar-questions.ts';

export interface SimilarContext<T> {
  cache: ReplyCache;
  /** Of the reply to this very question. */
  key: string;
  question: Question;
  questions: SimilarQuestions;
  threshold: number;
  embed(text: string): Promise<number[] | undefined>;
  replay(value: string): AsyncIterable<T>;
  log: LlmLog;
}

/** Gives the reply to a question that says nearly the same, if one is kept; else opens the stream and remembers the question. What fails of it only costs the chance. */
export async function* withSimilar<T>(
  open: () => AsyncIterable<T>,
  context: SimilarContext<T>,
): AsyncIterable<T> {
  const { cache, key, question, questions, threshold, log } = context;
  const failed = (error: unknown) => log.warn({ err: error }, 'similar questions cannot be looked for');
  if (await cache.read(key).catch(() => null)) return yield* open();
  const vector = await context.embed(question.text).catch(failed);
  if (!vector) return yield* open();
  const close = await questions.find(question.scope, vector, threshold).catch(failed);
  for (const each of close ?? []) {
    const value = await cache.read(each).catch(() => null);
    if (value) return yield* context.replay(value);
  }
  // Remembered once an answer has begun: whoever finds the reply kept then finds the question too.
  let remembered: Promise<void> | null = null;
  for await (const element of open()) {
    remembered ??= questions.add(question.scope, vector, key).catch(failed);
    yield element;
  }
  await remembered;
}
