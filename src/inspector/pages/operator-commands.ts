/** The commands that an operator can send, and the question that is asked before. */
export const OPERATOR_COMMANDS = {
  connect: {
    label: 'Connect link',
    question: 'Connect this tenant?',
    confirm: 'Connect',
    means: 'The stored grant is tried first. If it is refused, you get a link for the tenant to consent with.',
  },
  refresh: {
    label: 'Refresh',
    question: 'Refresh the tokens now?',
    confirm: 'Refresh',
    means: 'Calendly hands out at most 8 tokens per user and minute.',
  },
  resync: {
    label: 'Resync',
    question: 'List and mend the webhooks now?',
    confirm: 'Resync',
    means: 'Lists what is at Calendly, creates what is missing, deletes what is too much.',
  },
  retry: {
    label: 'Retry',
    question: 'Try again now?',
    confirm: 'Retry',
    means: 'What failed is tried at once, debts included.',
  },
  disconnect: {
    label: 'Disconnect',
    question: 'Disconnect this tenant?',
    confirm: 'Disconnect',
    means: 'The webhook is deleted, then the tokens are revoked and wiped. Only a new consent connects it again.',
  },
} as const;

export type OperatorCommand = keyof typeof OPERATOR_COMMANDS;
export const isOperatorCommand = (event: string): event is OperatorCommand => Object.hasOwn(OPERATOR_COMMANDS, event);
