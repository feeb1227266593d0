import { durationIn } from '../time-words.ts';
import type { Goal } from './goal.ts';
import { scopesOf } from './scope.ts';

const ASKS =
  /\bwould\b.*\b(?:fire[ds]?|trigger\w*|alert\w*|alarm\w*|go(?:ne)? off|raise[ds]?)\b|\bsimulat\w*|\b(?:alert|rule|alarm)\b.*\b(?:if|when|with|on|for)\b.*(?:[<>]|above|below|over|under|exceed)/i;
const WINDOW = String.raw`\b(?:for|within|in|over|during|lasting)\s+(?:at least\s+|more than\s+)?`;

/** "when would an alert with cpu above 80 for 15 minutes have fired?", "when did cpu exceed 90?" */
export const simulateGoal: Goal = (clause, builder) => {
  const { bounds, times } = clause.figures;
  const metric = bounds ? clause.metrics[0]?.[0] : undefined;
  if (!ASKS.test(clause.text) && !(metric && /^(?:at )?(?:when|what time)\b/i.test(clause.text))) return null;
  const [scope] = scopesOf(clause, builder);
  const types = [...new Set(clause.events.flat())];
  if (!scope || (!metric && types.length === 0)) return null;
  const minutes = durationIn(clause.timeless, WINDOW)?.minutes ?? null;
  const range = clause.time?.range ?? 'all';
  if (metric && bounds) {
    const { above, below } = bounds;
    const rule = `${metric} ${above === undefined ? `below ${below}` : `above ${above}`}`;
    const base = { ...scope.args, metric };
    let threshold: unknown = times ?? 1;
    let when = {};
    if (minutes !== null) {
      // As many samples as lie in the window: how dense they are is read from the data.
      const counted = { ...base, agg: 'count', range: 'last_24h' };
      const $from = builder.add('density', 'metric.aggregate', counted, `samples of ${metric} in a day`);
      const samples = `floor((overall.value * \`${minutes}\`) / (overall.items * \`1440\`))`;
      threshold = times ?? { $from, path: `max([\`1\`, ${samples}])` };
      when = { when: { $from, path: 'overall' } };
    }
    const { inclusive: _, ...values } = bounds;
    const args = { ...base, ...values, threshold, window_minutes: minutes ?? 5, range };
    const lasting = minutes === null ? '' : ` for ${minutes} minutes`;
    builder.add('firings', 'cep.simulate', args, `when an alert on ${rule}${lasting} would have fired`, when);
  } else {
    const window = { threshold: times ?? 1, window_minutes: minutes ?? 60, range };
    const args = { ...scope.args, event_types: types, ...window };
    builder.add('firings', 'cep.simulate', args, `when a rule on ${types.join(' or ')} would have fired`);
  }
  return [...scope.uses, 'metric', 'event', 'bound', 'span', 'happened', 'impact', 'figure'];
};
