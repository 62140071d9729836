import type { FaultInput, FaultKind } from '../faults.ts';

/** Requests that a person can let fail by clicking. The control routes take any path, and every kind with all of its settings. */
export const targets: Readonly<Record<string, { label: string; method?: string; path: string }>> = {
  token: { label: 'Getting or refreshing tokens', method: 'POST', path: '/oauth/token' },
  revoke: { label: 'Revoking tokens', method: 'POST', path: '/oauth/revoke' },
  user: { label: 'Who am I', path: '/users/me' },
  list: { label: 'Listing webhooks', method: 'GET', path: '/webhook_subscriptions' },
  create: { label: 'Creating a webhook', method: 'POST', path: '/webhook_subscriptions' },
  delete: { label: 'Deleting a webhook', method: 'DELETE', path: '/webhook_subscriptions/:uuid' },
  events: { label: 'Reading scheduled events and invitees', path: '/scheduled_events*' },
  everything: { label: 'Every request', path: '/*' },
};

export const failures: Readonly<Record<string, { label: string; fault: FaultKind }>> = {
  unavailable: { label: 'fails with 503', fault: { kind: 'respond', status: 503 } },
  tooMany: {
    label: 'is one too many (429, wait 30 s)',
    fault: { kind: 'respond', status: 429, headers: { 'x-ratelimit-reset': '30' } },
  },
  unauthorized: { label: 'is not authorized (401)', fault: { kind: 'respond', status: 401 } },
  blocked: { label: 'is blocked by Cloudflare (403)', fault: { kind: 'blocked' } },
  garbage: { label: 'gets a page of HTML', fault: { kind: 'garbage' } },
  drop: { label: 'is cut off before anything is done', fault: { kind: 'drop' } },
  dropAfterWork: { label: 'is done, but its answer is lost', fault: { kind: 'dropAfterWork' } },
  slow: { label: 'takes 10 seconds', fault: { kind: 'delay', ms: 10_000 } },
  hang: { label: 'is never answered', fault: { kind: 'hang' } },
};

export const repetitions: Readonly<Record<string, { label: string; times: number | 'forever' }>> = {
  once: { label: 'once', times: 1 },
  thrice: { label: 'three times', times: 3 },
  forever: { label: 'until removed', times: 'forever' },
};

export function faultOf(fields: Record<string, string>): FaultInput | null {
  const target = targets[fields['target'] ?? ''];
  const failure = failures[fields['failure'] ?? ''];
  const repetition = repetitions[fields['times'] ?? ''];
  if (!target || !failure || !repetition) return null;
  const { label: _label, ...where } = target;
  return { ...where, ...failure.fault, times: repetition.times };
}
