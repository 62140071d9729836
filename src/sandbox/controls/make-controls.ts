import { accountControls } from './account-controls.ts';
import { bookingControls } from './booking-controls.ts';
import { deliveryControls } from './delivery-controls.ts';
import { meetingTruth } from './meeting-truth.ts';
import { subscriptionControls } from './subscription-controls.ts';
import { switchControls } from './switch-controls.ts';
import { tokenTruth } from './token-truth.ts';
import type { SandboxContext } from '../context.ts';
import type { Controls } from './controls.ts';
import { ControlError } from './control-error.ts';
import type { DeliverySender } from '../deliveries/sender.ts';

export function makeControls(context: SandboxContext, sender: DeliverySender): Controls {
  return {
    accounts: accountControls(context),
    deliveries: deliveryControls(context, sender),
    faults: context.faults,
    switches: switchControls(context),
    clock: {
      now: () => new Date(context.clock.nowMs()),
      advance: (seconds) => {
        if (!(seconds >= 0)) throw new ControlError(400, 'The clock goes forward only.');
        context.state.clockOffsetMs += seconds * 1000;
        context.save();
        context.wakeDeliveries();
        return new Date(context.clock.nowMs());
      },
    },
    ...bookingControls(context),
    ...subscriptionControls(context),
    meetings: (account) => meetingTruth(context, account),
    tokens: (account) => tokenTruth(context, account),
    calls: () => context.calls.list(),
    clearCalls: () => context.calls.clear(),
  };
}
