import { customer, evidenceOfProblem, operator, stuck, type Rule } from '../rule.ts';

const AGAIN = 'Connect again: connect makes a link, the customer opens it and allows the connection.';
const lost = stuck.bind(null, 'error.needsReauthorization');
const forbidden = stuck.bind(null, 'error.needsPermission');
const attention = stuck.bind(null, 'error.needsAttention');

/** Problems that only a person can solve. */
export const connectionProblems: Rule[] = [
  {
    code: 'tokens_lost',
    verdict: 'not_receiving',
    headline: 'The answer to a refresh was lost, and with it the only valid tokens.',
    next: customer(AGAIN, 'connect'),
    when: (facts) => {
      const { lostAnswerAt } = facts.refresh;
      const found = lostAnswerAt === null ? null : lost('invalid_grant')(facts);
      return (
        found && {
          ...found,
          evidence: [
            { kind: 'refresh', at: lostAnswerAt, ref: null, says: 'no answer was stored' },
            ...evidenceOfProblem(facts),
          ],
        }
      );
    },
  },
  {
    code: 'login_withdrawn',
    verdict: 'not_receiving',
    headline: 'Calendly refuses the stored tokens permanently: the customer changed the login or removed the app.',
    next: customer(AGAIN, 'connect'),
    when: lost('invalid_grant', 'grant_lost'),
  },
  {
    code: 'tokens_gone',
    verdict: 'not_receiving',
    headline: 'The tokens of this tenant are no longer stored.',
    next: customer(AGAIN, 'connect'),
    when: lost('grant_wiped'),
  },
  {
    code: 'access_refused',
    verdict: 'not_receiving',
    headline: 'Calendly refuses the access token, even one that was just refreshed.',
    next: customer(AGAIN, 'connect'),
    when: lost('access_token_rejected', 'access_token_expired'),
  },
  {
    code: 'consent_needed',
    verdict: 'not_receiving',
    headline: 'The stored tokens cannot be used any more.',
    next: customer(AGAIN, 'connect'),
    when: lost(),
  },
  {
    code: 'scope_missing',
    verdict: 'not_receiving',
    headline: 'The customer did not allow everything that is needed: {scopes} is missing.',
    next: customer('Connect again and allow everything that is asked for.', 'connect'),
    when: forbidden('scope_missing'),
  },
  {
    code: 'role_too_small',
    verdict: 'not_receiving',
    headline: "The customer's role at Calendly does not allow webhooks for the whole organization.",
    next: customer(
      'Let an owner or admin connect, give this user that role, or set CALENDLY_WEBHOOK_SCOPE=user.',
      'retry',
    ),
    when: forbidden('role_refused'),
  },
  {
    code: 'permission_refused',
    verdict: 'not_receiving',
    headline: 'Calendly does not allow this account what the connection needs.',
    next: customer('Ask the owner of the Calendly organization for the permission, then retry.', 'retry'),
    when: forbidden(),
  },
  {
    code: 'client_rejected',
    verdict: 'not_receiving',
    headline: 'Calendly refuses our client id or secret.',
    next: operator('Correct CALENDLY_CLIENT_ID and CALENDLY_CLIENT_SECRET, restart, then retry.', 'retry'),
    when: attention('client_rejected'),
  },
  {
    code: 'client_removed',
    verdict: 'not_receiving',
    headline: 'The Calendly client that this tenant is connected with is no longer configured.',
    next: operator(
      'Add it to CALENDLY_CLIENTS again, restart and retry; or disconnect the tenant and connect it with another client.',
      'retry',
    ),
    when: attention('client_removed'),
  },
  {
    code: 'issuer_changed',
    verdict: 'not_receiving',
    headline: 'The tokens were issued to another client or by another server than the configured one.',
    next: operator(
      'Restore the former Calendly settings and retry. If that is not possible, the customer has to connect again.',
      'connect',
    ),
    when: attention('issuer_changed'),
  },
  {
    code: 'key_missing',
    verdict: 'not_receiving',
    headline: 'No key in ENCRYPTION_KEYS opens what is stored for this tenant.',
    next: operator(
      'Add the missing key to ENCRYPTION_KEYS, restart and retry. If the key is lost, connect again.',
      'retry',
    ),
    when: attention('credential_unreadable'),
  },
  {
    code: 'webhook_conflict',
    verdict: 'not_receiving',
    headline: 'Calendly refuses our webhook because of another one, which is not ours.',
    next: operator('Compare stored and real in the inspector, delete the other webhook there, then retry.', 'retry'),
    when: (facts) => attention('webhook_conflict')(facts) ?? stuck('error.retrying', 'webhook_conflict')(facts),
  },
  {
    code: 'account_hidden',
    verdict: 'not_receiving',
    headline: 'Calendly does not say whose account this is.',
    next: customer('Connect again and allow users:read.', 'connect'),
    when: attention('user_not_readable'),
  },
  {
    code: 'request_refused',
    verdict: 'not_receiving',
    headline: 'Calendly {answer}: it refuses our request as wrong.',
    next: operator('Read the exchange: a setting is wrong, or this is a bug. Then retry.', 'retry'),
    when: attention('request_refused'),
  },
  {
    code: 'attention_needed',
    verdict: 'not_receiving',
    headline: 'Something prevents the connection, and a person has to correct it.',
    next: operator('Read the problem and its exchange, correct the cause, then retry.', 'retry'),
    when: attention(),
  },
];
