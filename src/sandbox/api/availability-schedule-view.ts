import { CLOSES_AT, OPENS_AT } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { uriOf } from '../uris.ts';

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The one schedule of an account: the hours that its booking page offers. */
export function viewAvailabilitySchedule(context: SandboxContext, account: Account): object {
  return {
    default: true,
    name: 'Working hours',
    rules: days.map((wday) => ({ intervals: [{ from: OPENS_AT, to: CLOSES_AT }], type: 'wday', wday })),
    timezone: 'Etc/UTC',
    uri: uriOf(context, 'user_availability_schedules', account.availability ?? account.membership),
    user: uriOf(context, 'users', account.uuid),
  };
}
