import { html, type Html } from '../../html/html.ts';

/** Never colour alone: each state has a mark of its own beside its word. */
const MARKS: Record<string, string> = {
  disconnected: '○',
  authorizing: '…',
  refreshing: '↻',
  syncingWebhooks: '⇄',
  connected: '●',
  error: '!',
};

export function stateBadge(state: string): Html {
  return html`<span class="badge state-${state}"><span aria-hidden="true">${MARKS[state] ?? '·'}</span> ${state}</span>`;
}

/** A state with its sub-state, `connected.webhooks`, in the colour of the state. */
export function statePath(path: string): Html {
  return html`<span class="path state-${path.split('.')[0] ?? ''}">${path}</span>`;
}
