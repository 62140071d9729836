import { html, type Html } from '../../html/html.ts';

/** A state is never shown by colour alone: each one has a sign of its own beside its name. */
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

/** A state with its sub-state (`connected.webhooks`), in the colour of the state. */
export function statePath(path: string): Html {
  return html`<span class="path state-${path.split('.')[0] ?? ''}">${path}</span>`;
}
