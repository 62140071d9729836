/** The client sent a cursor that no answer of ours contained. */
export class CursorError extends Error {
  readonly code = 'cursor_invalid';

  constructor() {
    super('The cursor is not one that this list gave out.');
    this.name = 'CursorError';
  }
}
