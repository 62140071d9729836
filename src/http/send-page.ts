import type { FastifyReply } from 'fastify';
import { html, Html } from '../html/html.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1a2433;background:#fff}
h1{font-size:1.4rem}button{font:inherit;padding:.5rem 1rem;margin-right:.75rem;border:1px solid #44556b;border-radius:.4rem;background:#fff;cursor:pointer}
button.yes{background:#0b5cad;border-color:#0b5cad;color:#fff}code{overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#10161f;color:#e6edf5}button{background:#10161f;color:inherit}}`;
/** Of exactly `STYLE`: the policy allows this one style sheet and nothing else, no script at all. */
const STYLE_HASH = await crypto.subtle
  .digest('SHA-256', new TextEncoder().encode(STYLE))
  .then((hash) => Buffer.from(hash).toString('base64'));

/** A plain page for the end of a consent; no outside host, no script, never cached, never a referrer. */
export function sendPage(reply: FastifyReply, status: number, title: string, body: Html): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    })
    .send(
      `<!doctype html>${
        html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${new Html(STYLE)}</style></head><body><main><h1>${title}</h1>${body}</main></body></html>`
          .text
      }`,
    );
}
