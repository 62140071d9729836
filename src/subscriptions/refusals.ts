/** The problem that the machine gets when Calendly refuses a webhook, by Calendly's reason. */
export const REFUSALS = {
  plan: { code: 'plan_refused', message: 'The Calendly plan of this account has no webhooks.' },
  scope: {
    code: 'scope_missing',
    message: 'The consent does not allow what webhooks need. Connect again and allow it.',
  },
  role: {
    code: 'role_refused',
    message: 'The role of this user does not allow webhooks of this scope. Ask an owner or admin.',
  },
} as const;
