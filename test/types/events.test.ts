import { expectTypeOf, test } from 'vitest';
import type * as client from '../../src/client/index.ts';
import type { ReconnectEvent } from '../../src/events/index.ts';
import type { HostEvent } from '../../src/host-events/host-event.ts';

// `tsc` checks it, and fails where one of these lines stops being true.

test('an event of the description is an event that a host imports, and the other way round', () => {
  expectTypeOf<client.ReconnectEvent>().toExtend<ReconnectEvent>();
  expectTypeOf<ReconnectEvent>().toExtend<client.ReconnectEvent>();
  expectTypeOf<ReconnectEvent>().toExtend<HostEvent>();
});

test('the type of an event tells what its data is', () => {
  type DataOf<Type extends ReconnectEvent['type']> = Extract<ReconnectEvent, { type: Type }>['data'];
  expectTypeOf<DataOf<'connection.state_changed'>['state']>().toEqualTypeOf<client.ConnectionState>();
  expectTypeOf<DataOf<'meeting.rescheduled'>['previous']['id']>().toEqualTypeOf<string>();
  expectTypeOf<DataOf<'meeting.created'>>().not.toHaveProperty('previous');
  expectTypeOf<DataOf<'connection.warning'>>().not.toHaveProperty('version');
  const tell = (event: ReconnectEvent): string => {
    switch (event.type) {
      case 'meeting.created':
      case 'meeting.canceled':
      case 'meeting.no_show':
      case 'meeting.updated':
      case 'meeting.rescheduled':
        return event.data.inviteeUri;
      case 'connection.state_changed':
        return event.data.previous.state;
      case 'connection.account_changed':
        return event.data.previousAccount.uri;
      case 'connection.warning':
        return event.data.code;
    }
    return event satisfies never;
  };
  expectTypeOf(tell).returns.toBeString();
});
