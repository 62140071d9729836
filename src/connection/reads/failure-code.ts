import type { TimelineRow } from './read-timeline.ts';

/** The code of the problem or failure that an event told of, or null. */
export function failureCode({ event }: Pick<TimelineRow, 'event'>): string | null {
  const { problem, failure } = (event ?? {}) as { problem?: { code: string }; failure?: { code: string } };
  const code: unknown = problem?.code ?? failure?.code;
  // From a file it can be anything.
  return typeof code === 'string' ? code : null;
}
