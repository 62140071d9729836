import { html, type Html } from '../../html/html.ts';

/** Each state has one sign and one colour everywhere, and its name always stands beside them. The states that need help come first. */
const SIGNS: Record<string, Html> = {
  error: html`<path d="M8 2.2 14.5 13.5h-13zM8 6.5v3.3M8 11.6v.2" fill="none"/>`,
  authorizing: html`<circle cx="8" cy="5.2" r="2.7" fill="none"/><path d="M3 13.5c.6-3 2.5-4.3 5-4.3s4.4 1.3 5 4.3" fill="none"/>`,
  refreshing: html`<path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3" fill="none"/>`,
  syncingWebhooks: html`<path d="M5 13V3.5M2.5 6 5 3.2 7.5 6M11 3v9.5M8.5 10l2.5 2.8 2.5-2.8" fill="none"/>`,
  connected: html`<path d="m3 8.5 3.3 3.3L13 4.5" fill="none"/>`,
  disconnected: html`<circle cx="8" cy="8" r="5.2" fill="none"/>`,
};

export const STATES = Object.keys(SIGNS);

export function stateSign(state: string): Html {
  return html`<svg class="sign" viewBox="0 0 16 16" aria-hidden="true">${SIGNS[state.split('.')[0]!] ?? ''}</svg>`;
}

/** `path`: dotted, as in history rows. */
export function stateBadge(path: string): Html {
  const [state, ...below] = path.split('.');
  return html`<span class="badge s-${state}">${stateSign(path)}<span><b>${state}</b>${below.length > 0 && html`<span class="sub">.${below.join('.')}</span>`}</span></span>`;
}

export const dotted = (state: string, substate: string | null): string =>
  substate === null ? state : `${state}.${substate}`;
