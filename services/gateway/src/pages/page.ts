/** A small page of ours: no script, no style from elsewhere, so that the strictest Content-Security-Policy holds. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

export const pageCss = `:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif }
body { margin: 0 }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem }
h1 { font-size: 1.6rem; margin: 0 0 .5rem }
h2 { font-size: 1.05rem; margin: 2rem 0 .25rem }
p, dl { margin: .25rem 0 .75rem }
code, pre { font: .9em/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem 1rem; border-radius: .4rem; background: color-mix(in srgb, currentColor 8%, transparent) }
a { color: inherit }
.status { opacity: .65; font-weight: normal }
:target { outline: 2px solid color-mix(in srgb, currentColor 40%, transparent); outline-offset: .5rem }
`;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
