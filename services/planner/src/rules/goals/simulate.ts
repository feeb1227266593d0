import { durationIn } from '../time-words.ts';
import type { Goal } from './goal.ts';
import { scopesOf } from './scope.ts';

const ASKS =
  /\bwould\b.*\b(?:fire[ds]?|trigger\w*|alert\w*|alarm\w*|go(?:ne)? off|raise[ds]?)\b|\bsimulat\w*|\b(?:alert|rule|alarm)\b.*\b(?:if|when|with|on|for)\b.*(?:[<>]|above|below|over|under|exceed)/i;
const ASKS_WHEN = /^(?:at )?(?:when|what time)\b|\bhow (?:often|many times)\b/i;
const WINDOW = String.raw`\b(?:for|within|in|over|during|lasting)\s+(?:at least\s+|more than\s+)?`;

/** "when would an alert with cpu above 80 for 15 minutes have fired?", "when did cpu exceed 90?" */
export const simulateGoal: Goal = (clause, builder) => {
  const { bounds, times } = clause.figures;
  const metric = bounds ? clause.metrics[0]?.[0] : undefined;
  const types = [...new Set(clause.events.flat())];
  if (!ASKS.test(clause.text) && !(metric && ASKS_WHEN.test(clause.text))) return null;
  const [scope] = scopesOf(clause, builder);
  if (!scope || (!metric && types.length === 0)) return null;
  const minutes = durationIn(clause.time?.rest ?? clause.text, WINDOW)?.minutes ?? null;
  const range = clause.time?.range ?? 'all';
  if (metric && bounds) {
    const { inclusive: _, ...values } = bounds;
    const base = { ...scope.args, metric };
    const args = { ...base, ...values, threshold: times ?? 1, window_minutes: minutes ?? 5, range };
    const rule = `${metric} ${values.above === undefined ? `below ${values.below}` : `above ${values.above}`}`;
    const fired = `when an alert on ${rule}${minutes === null ? '' : ` for ${minutes} minutes`} would have fired`;
    if (minutes === null || times !== null) builder.add('firings', 'cep.simulate', args, fired);
    else {
      // As many samples as lie in the window: how dense they are is read from the data.
      const counted = { ...base, agg: 'count', range: 'last_24h' };
      const $from = builder.add('density', 'metric.aggregate', counted, `samples of ${metric} in a day`);
      const samples = `floor((overall.value * \`${minutes}\`) / (overall.items * \`1440\`))`;
      const threshold = { $from, path: `max([\`1\`, ${samples}])` };
      const when = { when: { $from, path: 'overall' } };
      builder.add('firings', 'cep.simulate', { ...args, threshold }, fired, when);
    }
  } else {
    const window = { threshold: times ?? 1, window_minutes: minutes ?? 60, range };
    const args = { ...scope.args, event_types: types, ...window };
    builder.add('firings', 'cep.simulate', args, `when a rule on ${types.join(' or ')} would have fired`);
  }
  return [...scope.uses, 'metric', 'event', 'bound', 'span', 'happened', 'impact', 'figure'];
};
