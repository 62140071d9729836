import type { Cause } from '../dispatch/cause.ts';

/** Who or what brought an event, in a few words. */
export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case 'route':
      return cause.key === undefined ? `route ${cause.route}` : `route ${cause.route}, key ${cause.key}`;
    case 'operator':
      return cause.name === 'api' ? `API, ${cause.route}` : `${cause.name}, ${cause.route}`;
    case 'effect':
      return `answer of ${cause.effect}`;
    case 'timer':
      return `timer ${cause.name}`;
    case 'retention':
      return 'retention of the history';
  }
}
