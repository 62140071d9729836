import type { FastifyReply } from 'fastify';
import { html, type Html } from '../../html/html.ts';
import { assetName } from '../asset-files.ts';
import { homeOf, type PageContext } from './page-context.ts';

/** Allows only our own files, nothing inline and no eval. Even if foreign markup got into the page, it could not run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types inspector',
].join('; ');

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

interface Page {
  base: string;
  title: string;
  body: Html;
  status?: number;
  /** The stream that tells the page of changes. Without it, the page does not update itself. */
  live?: string;
}

export function sendHtml(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').headers(HEADERS).send(text);
}

/** A page without the frame, for those who are not logged in yet, and for errors. */
export function sendBarePage(reply: FastifyReply, { base, title, body, status = 200, live }: Page): FastifyReply {
  return sendHtml(
    reply,
    status,
    `<!doctype html>${
      html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · State inspector</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/assets/${assetName('inspector.css')}">
<script src="${base}/assets/${assetName('idiomorph.js')}" defer></script>
<script src="${base}/assets/${assetName('inspector.js')}" type="module"></script></head>
<body${live !== undefined && html` data-live="${live}"`}>${body}</body></html>`.text
    }`,
  );
}

/** Sends a page in the frame, which shows where it is, who is logged in, and whether it is live. */
export function sendInspectorPage(reply: FastifyReply, context: PageContext, page: Omit<Page, 'base'>): FastifyReply {
  const { base, session, formToken, mayAct } = context;
  const who = `${session.operator}${session.role === 'viewer' ? ', who only reads' : ''}`;
  const body = html`<a class="skip" href="#content">Skip to content</a>
<header class="top"><a class="home" href="${homeOf(base)}">State inspector</a>
<nav aria-label="Inspector"><a href="${homeOf(base)}">Tenants</a> <a href="${base}/diagnoses">What is wrong</a> ${session.seesAudit && html`<a href="${base}/audit">Audit</a> `}<a href="${base}/replay">Open a bundle</a></nav>
${page.live !== undefined && html`<span id="live" class="live" role="status" data-state="off"><span class="dot" aria-hidden="true"></span><span class="word">not live</span></span>`}
${
  session.byProxy === true
    ? html`<div class="who"><span class="quiet">as</span> ${who}</div>`
    : html`<form method="post" action="${base}/logout" class="who"><input type="hidden" name="formToken" value="${formToken}">
<span class="quiet">as</span> ${who} <button class="plain">Log out</button></form>`
}</header>
${
  !mayAct &&
  html`<p class="banner" role="alert"><b>Reads only.</b> This database belongs to another installation: no effect runs and no command is taken until
ADOPT_INSTALLATION says that it has moved.</p>`
}
<main id="content" tabindex="-1">${page.body}</main>`;
  return sendBarePage(reply, { ...page, base, body });
}
