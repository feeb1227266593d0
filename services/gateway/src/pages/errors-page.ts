import { ERROR_CODES } from '@planyard/contracts';
import { escapeHtml, page } from './page.ts';

/** Where the `type` of every problem reply leads: what the code means and what to do. */
export function errorsPage(): string {
  const entries = Object.entries(ERROR_CODES).map(
    ([code, { status, title, advice, retryable }]) => `<section id="${code}">
<h2><code>${code}</code> <span class="status">${status}</span></h2>
<p>${escapeHtml(title)}. ${withCode(advice)}${retryable ? ' The same call may succeed later.' : ''}</p>
</section>`,
  );
  return page('Error codes: Planyard', `<h1>Error codes</h1>\n${entries.join('\n')}`);
}

/** What stands between backticks is code here too. */
function withCode(text: string): string {
  return escapeHtml(text).replace(/`(.*?)`/g, '<code>$1</code>');
}
