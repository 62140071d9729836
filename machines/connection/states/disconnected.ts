import { and, not } from 'xstate/guards';
import { startImportFrom } from '../importing.ts';
import * as attempt from '../attempt.ts';
import * as debts from '../debts.ts';
import { connectionSetup } from '../setup.ts';

/** Nothing is connected. The tenant is disconnected at once; `settling` means that debts are still being settled at Calendly. */
export const disconnected = connectionSetup.createStateConfig({
  id: 'disconnected',
  initial: 'idle',
  on: {
    connect: { target: '#awaitingConsent', actions: attempt.startAttemptFrom('disconnected') },
    import: [
      {
        guard: and(['needsConsent', 'bringsGoodToken']),
        target: '#provingImport',
        actions: startImportFrom('disconnected'),
      },
      { guard: 'needsConsent', target: '#refreshingImport', actions: startImportFrom('disconnected') },
    ],
    // A second `disconnect` tries all debts at once.
    disconnect: { guard: 'hasDebts', actions: debts.tryAllNow },
  },
  states: {
    idle: { always: { guard: 'isSettling', target: 'settling' } },
    settling: { always: { guard: not('isSettling'), target: 'idle' } },
  },
});
