import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Express } from 'express';
import { docsPage, docsScript } from './docs-page.ts';
import { errorsPage } from './errors-page.ts';
import { homePage } from './home-page.ts';
import { pageCss } from './page.ts';

/** The pages for people: home, API reference, error codes. All from this process: nothing is loaded from elsewhere. */
export function registerPages(app: Express): void {
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const errors = errorsPage();
  app.get('/', (req, res) => {
    res.locals.route = '/';
    res.type('html').send(homePage(`${req.protocol}://${req.get('host') ?? 'localhost'}`));
  });
  app.use('/docs', (_req, res, next) => {
    res.locals.route = '/docs';
    next();
  });
  app.get('/docs/', (req, res) => {
    if (!req.originalUrl.startsWith('/docs/')) res.redirect(308, '/docs/');
    else res.type('html').send(docsPage);
  });
  app.get('/docs/start.js', (_req, res) => res.type('js').send(docsScript));
  app.get('/docs/page.css', (_req, res) => res.type('css').send(pageCss));
  app.get('/docs/errors', (_req, res) => res.type('html').send(errors));
  // By name: the rest of the package is a page of its own that loads things from elsewhere.
  for (const asset of ['swagger-ui-bundle.js', 'swagger-ui.css'])
    app.get(`/docs/${asset}`, (_req, res) => res.sendFile(asset, { root: swaggerUi, maxAge: '1h' }));
}
