const MESSAGES = {
  no_key: 'There is no encryption key.',
  repeated_key_id: 'Two encryption keys have the same id.',
  wrong_key_length: 'An encryption key does not have 32 bytes.',
  unknown_key: 'The secret was encrypted with a key that is not among ENCRYPTION_KEYS.',
  not_authentic: 'The secret was altered, or belongs to another tenant, purpose or row.',
};

/** Holds neither key nor plaintext, and no cause that could. */
export class SealedBoxError extends Error {
  readonly code: keyof typeof MESSAGES;

  constructor(code: keyof typeof MESSAGES) {
    super(MESSAGES[code]);
    this.name = 'SealedBoxError';
    this.code = code;
  }
}
