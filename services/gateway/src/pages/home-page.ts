import { escapeHtml, page } from './page.ts';

/** What a browser sees at the gateway's address. */
export function homePage(origin: string): string {
  const base = escapeHtml(origin);
  return page(
    'Planyard',
    `<h1>Planyard</h1>
<p>Ask a question over your systems. A planner turns it into a graph of tool calls, workers run it in parallel, and the answer comes back with its evidence.</p>
<h2>Ask</h2>
<pre>npx planyard ask "what depends on orders-db?"</pre>
<pre>curl ${base}/v1/runs -H "Authorization: Bearer $PLANYARD_API_KEY" \\
  -H 'Content-Type: application/json' -H 'Prefer: wait=30' \\
  -d '{"question": "what depends on orders-db?"}'</pre>
<h2>Look</h2>
<p><a href="/docs/">API reference</a>, <a href="/openapi.json">openapi.json</a>, <a href="/docs/errors">error codes</a>, <a href="/admin/queues">queues</a> (user name: any; password: an admin key), <a href="/readyz">readiness</a></p>`,
  );
}
