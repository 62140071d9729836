/** The client sent a `from` or `to` that is no RFC 3339 time. */
export class TimeFilterError extends Error {
  readonly code = 'time_invalid';

  constructor(parameter: 'from' | 'to') {
    super(`${parameter} must be an RFC 3339 time with an offset, such as 2026-03-01T09:30:00Z.`);
    this.name = 'TimeFilterError';
  }
}
