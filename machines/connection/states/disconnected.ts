import { not } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as debts from '../debts.ts';
import { connectionSetup } from '../setup.ts';

/** Nothing is connected. Locally it is so at once; `settling` works off what is still owed at Calendly. */
export const disconnected = connectionSetup.createStateConfig({
  id: 'disconnected',
  initial: 'idle',
  on: {
    connect: { target: '#awaitingConsent', actions: attempt.startAttemptFrom('disconnected') },
    // Said again: what is owed is tried at once.
    disconnect: { guard: 'hasDebts', actions: debts.tryAllNow },
  },
  states: {
    idle: { always: { guard: 'isSettling', target: 'settling' } },
    settling: { always: { guard: not('isSettling'), target: 'idle' } },
  },
});
