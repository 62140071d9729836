import { readFileSync } from 'node:fs';
import type { App } from '../../web/app-type.ts';

const ASSETS = {
  'demo.css': 'text/css; charset=utf-8',
  'demo.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

export function assetRoutes(app: App): void {
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = readFileSync(new URL(`../assets/${name}`, import.meta.url));
    app.get(`/demo/${name}`, (_request, reply) =>
      reply.type(type).headers({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }).send(content),
    );
  }
}
