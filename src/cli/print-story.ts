import { styleText } from 'node:util';
import type { Bundle } from '../connection/reads/bundle.ts';
import { momentsOf } from '../connection/reads/open-bundle.ts';
import { describeCause } from '../connection/reads/describe-cause.ts';
import { linesOfDiagnosis } from './diagnose.ts';
import { duration } from '../html/times.ts';
import { failureCode } from '../connection/reads/failure-code.ts';
import type { EffectStory, Moment } from '../connection/reads/read-moment.ts';

type Style = Parameters<typeof styleText>[0];
/** Colours, if the terminal shows them: not in a pipe, and not with NO_COLOR. */
const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });
const TONES: Record<string, Style> = {
  error: 'red',
  connected: 'green',
  authorizing: 'magenta',
  refreshing: 'blue',
  syncingWebhooks: 'cyan',
  disconnected: 'gray',
};

/** Prints the story of one tenant for a terminal, oldest first: every event, with its cause and with what it started. */
export function printStory(given: Bundle): string {
  const bundle = harmless(given);
  const {
    connection: { tenantId, state, substate, since, version },
    timers,
    cut,
    diagnosis,
  } = bundle;
  const lines = [
    `${paint('bold', tenantId)}  ${stateName(substate === null ? state : `${state}.${substate}`)}  since ${since}, version ${version}`,
    ...(diagnosis === undefined ? [] : linesOfDiagnosis(diagnosis)),
    ...timers.map(({ event, dueAt }) => `  waits for ${event.type} at ${dueAt}`),
    ...(cut ? ['  older rows are not shown'] : []),
    '',
    ...momentsOf(bundle).reverse().flatMap(lineOf),
  ];
  return `${lines.join('\n')}\n`;
}

const stateName = (path: string): string => paint(TONES[path.split('.')[0]!] ?? 'white', path);

function lineOf({ row, cameFrom, setGoing }: Moment): string[] {
  const { at, event, kind, from, to, cause, note, stayedMs } = row;
  const moved = to !== null && from !== to;
  const code = failureCode(row);
  return [
    `${paint('gray', at)}  ${paint('bold', event?.type ?? kind)}${code === null ? '' : ` ${paint('red', code)}`}  ${paint('gray', `by ${describeCause(cause)}`)}${note === null ? '' : `  ${note}`}`,
    ...(moved ? [`    → ${stateName(to)}${stayedMs === null ? '' : paint('gray', ` for ${duration(stayedMs)}`)}`] : []),
    ...(cameFrom === null ? [] : exchangesOf(cameFrom)),
    ...setGoing.map(({ type, answer }) => `    starts ${type}${answer === null ? ', no answer yet' : ''}`),
  ];
}

function exchangesOf({ exchanges }: EffectStory): string[] {
  return exchanges.flatMap(({ method, path, status, failure, durationMs, requestId, body }) => {
    const failed = failure !== null || (status ?? 0) >= 400;
    const line = `    ${failed ? paint('red', '✕') : paint('green', '✓')} ${method} ${path}  ${status ?? failure}  ${durationMs} ms${requestId === null ? '' : `  x-request-id ${requestId}`}`;
    return failed && body !== null ? [line, `      ${typeof body === 'string' ? body : JSON.stringify(body)}`] : [line];
  });
}

/** Names and answers come from outside, so characters that control the terminal are removed. */
function harmless(bundle: Bundle): Bundle {
  return JSON.parse(JSON.stringify(bundle), (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '\ufffd') : value,
  ) as Bundle;
}
