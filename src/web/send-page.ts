import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { html, type Html } from '../html/html.ts';

const STYLE = html`body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1a2433;background:#fff}
h1{font-size:1.4rem}button{font:inherit;padding:.5rem 1rem;margin-right:.75rem;border:1px solid #44556b;border-radius:.4rem;background:#fff;cursor:pointer}
button.yes{background:#0b5cad;border-color:#0b5cad;color:#fff}code{overflow-wrap:anywhere}a{color:#0b5cad}li{margin:.35rem 0}
@media(prefers-color-scheme:dark){body{background:#10161f;color:#e6edf5}a{color:#8ec2ff}button{background:#10161f;color:inherit}}`;
const WIDE = html`body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1.5rem;color:#1a2433;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.3rem;margin-top:3rem}h3{font-size:1.05rem;margin-top:2rem;border-top:1px solid #8b98a9;padding-top:1rem}nav h2{font-size:1rem;margin:1rem 0 0}nav ul{margin:.25rem 0}a{color:#0b5cad}
table{border-collapse:collapse;display:block;overflow-x:auto}caption{text-align:left;font-weight:600}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}pre{overflow:auto;max-height:30rem;padding:.75rem;border:1px solid #8b98a9}
@media(prefers-color-scheme:dark){body{background:#10161f;color:#e6edf5}a{color:#8ec2ff}}`;
/** The policy allows exactly this style sheet, by its hash, and no script. */
const hashOf = (style: Html) => createHash('sha256').update(style.text).digest('base64');
const STYLES = { narrow: { css: STYLE, hash: hashOf(STYLE) }, wide: { css: WIDE, hash: hashOf(WIDE) } };

/**
 * Sends a plain page, for example at the end of a consent. It has no other host, no script and no frame; it is never cached and sends no
 * referrer.
 */
export function sendPage(
  reply: FastifyReply,
  status: number,
  title: string,
  body: Html,
  width: keyof typeof STYLES = 'narrow',
): FastifyReply {
  const style = STYLES[width];
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${style.hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    })
    .send(
      `<!doctype html>${
        html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${style.css}</style></head><body><main><h1>${title}</h1>${body}</main></body></html>`.text
      }`,
    );
}
