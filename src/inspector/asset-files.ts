import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import type { App } from '../web/app-type.ts';

const FILES = {
  'inspector.css': { url: new URL('./assets/inspector.css', import.meta.url), type: 'text/css; charset=utf-8' },
  'inspector.js': { url: new URL('./assets/inspector.js', import.meta.url), type: 'text/javascript; charset=utf-8' },
  'idiomorph.js': {
    url: new URL(import.meta.resolve('idiomorph/dist/idiomorph.min.js')),
    type: 'text/javascript; charset=utf-8',
  },
} as const;
export type AssetName = keyof typeof FILES;

interface Asset {
  bytes: Buffer;
  brotli: Buffer;
  type: string;
}

const assets = new Map<string, Asset>();
const names = {} as Record<AssetName, string>;
for (const [name, { url, type }] of Object.entries(FILES)) {
  const bytes = readFileSync(url);
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 10);
  names[name as AssetName] = name.replace('.', `.${hash}.`);
  assets.set(names[name as AssetName], { bytes, type, brotli: brotliCompressSync(bytes) });
}

/** The name changes with the content, so that browsers may keep the file for ever. */
export const assetName = (name: AssetName): string => names[name];

/** These files need no login, because the login page needs them. They hold no data. */
export function assetRoutes(app: App): void {
  app.get<{ Params: { name: string } }>('/inspector/assets/:name', { schema: { hide: true } }, (request, reply) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    const packed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
    return reply
      .type(asset.type)
      .headers({
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        'x-content-type-options': 'nosniff',
      })
      .headers(packed ? { 'content-encoding': 'br' } : {})
      .send(packed ? asset.brotli : asset.bytes);
  });
}
