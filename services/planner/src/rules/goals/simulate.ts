import { NUMBER_WORDS } from '../vocabulary.ts';
import type { Goal } from './goal.ts';
import { json } from './items.ts';

const ASKS =
  /\bwould\b.*\b(?:fire[ds]?|trigger\w*|alert\w*|alarm\w*|go(?:ne)? off|raise[ds]?)\b|\bsimulat\w*|\b(?:alert|rule|alarm)\b.*\b(?:if|when|with|on|for)\b.*(?:[<>]|above|below|over|under|exceed)/i;
const WINDOW =
  /\b(?:for|within|in|over|during|lasting)\s+(?:an?\s+|at least\s+|more than\s+)?(\d+|one|two|three|five|ten)?[\s-]*(m|min|mins|minutes?|h|hrs?|hours?)\b/i;

/** "when would an alert with cpu above 80 for 15 minutes have fired?" */
export const simulateGoal: Goal = (clause, builder) => {
  const { above, below, times } = clause.figures;
  // "when did cpu exceed 90" asks for the times that a rule finds.
  const crossed = /^(?:at )?(?:when|what time)\b/i.test(clause.text) && (above !== null || below !== null);
  if (!ASKS.test(clause.text) && !(crossed && clause.metrics.length > 0)) return false;
  const scope =
    clause.items.length > 0 ? { ci_ids: clause.items.map((item) => item.code) } : json(clause.filters);
  const minutes = windowMinutes(clause.text);
  const range = clause.time?.range ?? 'all';
  const [metric] = clause.metrics;
  if (metric && (above !== null || below !== null)) {
    const bounds = { ...(above === null ? {} : { above }), ...(below === null ? {} : { below }) };
    const rule = `${metric} ${above === null ? `below ${below}` : `above ${above}`}`;
    if (minutes === null) {
      builder.add(
        'firings',
        'cep.simulate',
        { ...scope, metric, ...bounds, threshold: times ?? 1, window_minutes: 5, range },
        `when an alert on ${rule} would have fired`,
      );
      return true;
    }
    // As many samples as lie in the window: how dense they are is read from the data.
    const density = builder.add(
      'density',
      'metric.aggregate',
      { ...scope, metric, agg: 'count', range: 'last_24h' },
      `samples of ${metric} in a day`,
    );
    const samples = `floor((overall.value * \`${minutes}\`) / (overall.items * \`1440\`))`;
    const threshold = times ?? { $from: density, path: `max([\`1\`, ${samples}])` };
    builder.add(
      'firings',
      'cep.simulate',
      { ...scope, metric, ...bounds, threshold, window_minutes: minutes, range },
      `when an alert on ${rule} for ${minutes} minutes would have fired`,
      { when: { $from: density, path: 'overall' } },
    );
    return true;
  }
  if (clause.events.length === 0) return false;
  const types = [...new Set(clause.events.flat())];
  builder.add(
    'firings',
    'cep.simulate',
    { ...scope, event_types: types, threshold: times ?? 1, window_minutes: minutes ?? 60, range },
    `when a rule on ${types.join(' or ')} would have fired`,
  );
  return true;
};

function windowMinutes(text: string): number | null {
  const match = WINDOW.exec(text);
  if (!match) return null;
  const count = match[1] ? (NUMBER_WORDS[match[1].toLowerCase()] ?? Number(match[1])) : 1;
  return match[2]?.toLowerCase().startsWith('h') ? count * 60 : count;
}
