import type { TimelineRow } from './read-timeline.ts';

/** The code of the problem or failure that an event reports, or null. */
export function failureCode({ event }: Pick<TimelineRow, 'event'>): string | null {
  const { problem, failure } = (event ?? {}) as { problem?: { code: string }; failure?: { code: string } };
  const code: unknown = problem?.code ?? failure?.code;
  // In a bundle's file it can be anything.
  return typeof code === 'string' ? code : null;
}
