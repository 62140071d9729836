import { createCipheriv, createDecipheriv, createSecretKey, KeyObject, randomBytes } from 'node:crypto';

/**
 * What a sealed text belongs to. It is authenticated together with the text, so a text that was moved to another tenant or row cannot be
 * opened.
 */
export type SealContext = Readonly<{ tenantId: string; purpose: string; credentialId: string }>;
export type Sealed = Readonly<{ keyId: string; sealed: Buffer }>;
export type SealedBox = Readonly<{
  /** The key that seals. Texts that another key has sealed have to be sealed again. */
  currentKeyId: string;
  seal(plaintext: string, context: SealContext): Sealed;
  open(box: Sealed, context: SealContext): string;
}>;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The first key seals, all keys open. A sealed text is nonce || ciphertext || tag. */
export function createSealedBox(keys: readonly Readonly<{ id: string; key: KeyObject | Uint8Array }>[]): SealedBox {
  const keysById = new Map(keys.map(({ id, key }) => [id, key instanceof KeyObject ? key : createSecretKey(key)]));
  const current = keys[0];
  if (current === undefined) throw new SealedBoxError('no_key');
  if (keysById.size !== keys.length) throw new SealedBoxError('repeated_key_id');
  if ([...keysById.values()].some((key) => key.symmetricKeySize !== 32)) throw new SealedBoxError('wrong_key_length');

  return {
    currentKeyId: current.id,

    seal(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keysById.get(current.id)!, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundData(context));
      const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { keyId: current.id, sealed };
    },

    open({ keyId, sealed }, context) {
      const key = keysById.get(keyId);
      if (key === undefined) throw new SealedBoxError('unknown_key');
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealedBoxError('not_authentic');
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(boundData(context));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([opened, decipher.final()]).toString('utf8');
      } catch {
        throw new SealedBoxError('not_authentic');
      }
    },
  };
}

/** As a JSON array, so that no two contexts have the same bytes. */
function boundData({ tenantId, purpose, credentialId }: SealContext): Buffer {
  return Buffer.from(JSON.stringify(['calendly-reconnect', 1, tenantId, purpose, credentialId]), 'utf8');
}

const MESSAGES = {
  no_key: 'There is no encryption key.',
  repeated_key_id: 'Two encryption keys have the same id.',
  wrong_key_length: 'An encryption key does not have 32 bytes.',
  unknown_key: 'The secret was encrypted with a key that is not among ENCRYPTION_KEYS.',
  not_authentic: 'The secret was altered, or belongs to another tenant, purpose or row.',
};

/** Holds neither key nor plaintext, and no cause with them. */
export class SealedBoxError extends Error {
  readonly code: keyof typeof MESSAGES;

  constructor(code: keyof typeof MESSAGES) {
    super(MESSAGES[code]);
    this.name = 'SealedBoxError';
    this.code = code;
  }
}
