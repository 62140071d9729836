import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems, type ProblemError } from '../errors.ts';
import { html, type Html } from '../html/html.ts';
import { sendPage } from './send-page.ts';

/** Addresses that programs ask: there an error is a problem document, whatever the request accepts. */
const OF_PROGRAMS = /^\/(v1|webhooks|health|metrics|openapi\.json)(\/|$)/;

const pathOf = ({ url, server }: FastifyRequest): string => url.slice(server.prefix.length).split('?')[0]!;

/** Whether a browser asks, so that a person reads the answer. */
export const isForPerson = (request: FastifyRequest): boolean =>
  request.headers.accept?.includes('text/html') === true && !OF_PROGRAMS.test(pathOf(request));

/** A page that says what happened and where to go. */
export function answerPerson(problem: ProblemError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title } = problems[problem.code];
  void reply.headers(problem.headers);
  if (problem.code === 'not_found')
    return sendPage(
      reply,
      status,
      'Nothing is at this address',
      html`<p>There is no page at <code>${pathOf(request)}</code>.</p>${waysOn(request)}`,
    );
  const detail = problem.detail !== undefined && problem.detail !== title && html`<p>${problem.detail}</p>`;
  return sendPage(reply, status, title, html`${detail}${status >= 500 && again(request)}${waysOn(request)}`);
}

/** Nothing was taken from a request that failed on our side, so the same address may work a little later. */
const again = ({ method }: FastifyRequest): Html =>
  method === 'GET'
    ? html`<p>It may work in a minute: <a href="">try again</a>.</p>`
    : html`<p>It may work in a minute: go back and press the button again.</p>`;

/** Relative, because the service may be reached below any path (a proxy's, or the prefix that it is embedded with). */
function waysOn(request: FastifyRequest): Html {
  const { server } = request;
  const path = pathOf(request);
  const depth = path.split('/').length - 2;
  const root = path === '' ? server.prefix.split('/').at(-1)! : depth === 0 ? '.' : Array(depth).fill('..').join('/');
  const hasDemo = server.prefix === '' && server.hasRoute({ method: 'GET', url: '/' });
  return html`<ul><li>You wanted to connect a Calendly account? Go back to the product that sent you here, and start there again.</li>
${hasDemo && html`<li><a href="${root}/">The demo page</a>: connect, book and watch.</li>`}
<li>You run this service? <a href="${root}/inspector">The state inspector</a> shows every tenant, <a href="${root}/docs">the description of the routes</a> every address.</li></ul>`;
}
