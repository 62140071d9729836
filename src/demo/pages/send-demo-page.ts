import type { FastifyReply } from 'fastify';
import { html, type Html } from '../../html/html.ts';

/** Sends a whole page of the demo. Nothing is inline or from another host. Forms may lead to the sandbox's consent page. */
export function sendDemoPage(
  reply: FastifyReply,
  status: number,
  { title, body, sandboxUrl }: { title: string; body: Html; sandboxUrl: string },
): FastifyReply {
  const page = html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="/demo/icon.svg"><link rel="stylesheet" href="/demo/demo.css"><script src="/demo/demo.js" defer></script></head>
<body><header class="top"><div class="brand"><a href="/">Calendly Reconnect</a> <span class="quiet">demo host page</span></div>
<nav aria-label="More"><a href="/inspector">Inspector</a><a href="/docs">API</a><a href="${sandboxUrl}/" target="_blank" rel="noopener">Sandbox</a></nav></header>
<main><h1 class="lead">You are looking at an imaginary product whose customers link their Calendly accounts.</h1>${body}
<p id="lost" class="notice bad" role="alert" hidden>The service does not answer. This page tries again.</p></main>
<p id="announce" class="sr-only" role="status"></p></body></html>`;
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      // Not no-referrer, because then a browser hides the origin of the page's own forms.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self' ${sandboxUrl}; ` +
        `frame-ancestors 'none'; base-uri 'none'`,
    })
    .send(`<!doctype html>\n${page.text}\n`);
}
