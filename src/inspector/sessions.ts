import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EncryptionKey } from '../config/parse-encryption-keys.ts';

export interface Session {
  id: string;
  /** Who acts: given at login, shown in the history of whatever this person does. */
  operator: string;
  expiresAt: number;
}

/** A working day. Sessions are not stored, so a logout forgets the cookie and the end comes by itself. */
export const SESSION_SECONDS = 12 * 3600;

export interface Sessions {
  start(operator: string, now: Date): { token: string; session: Session };
  read(token: string | undefined, now: Date): Session | null;
  /** Goes into every form of this session: another site cannot know it. */
  formToken(session: Session): string;
  isFormToken(session: Session, presented: unknown): boolean;
}

/**
 * Sessions without a table: signed, so that every instance knows them, with a key that changes with the password (a new
 * password ends all sessions) and cannot be guessed from a weak one.
 */
export function createSessions(encryptionKeys: readonly EncryptionKey[], password: string): Sessions {
  const purpose = Buffer.concat([Buffer.from('inspector session '), createHash('sha256').update(password).digest()]);
  const keys = encryptionKeys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)));
  const sign = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const formToken: Sessions['formToken'] = ({ id }) => sign(keys[0]!, `form ${id}`).toString('base64url');

  return {
    formToken,
    start(operator, now) {
      const session = {
        id: randomBytes(16).toString('base64url'),
        operator,
        expiresAt: now.getTime() + SESSION_SECONDS * 1000,
      };
      const content = Buffer.from(JSON.stringify(session)).toString('base64url');
      return { session, token: `${content}.${sign(keys[0]!, content).toString('base64url')}` };
    },
    read(token, now) {
      const [content, signature] = token?.split('.') ?? [];
      if (content === undefined || signature === undefined) return null;
      const given = Buffer.from(signature, 'base64url');
      const genuine = keys
        .map((key) => sign(key, content))
        .some((mine) => mine.length === given.length && timingSafeEqual(mine, given));
      if (!genuine) return null;
      const session = JSON.parse(Buffer.from(content, 'base64url').toString()) as Session;
      return session.expiresAt > now.getTime() ? session : null;
    },
    isFormToken(session, presented) {
      if (typeof presented !== 'string') return false;
      const given = Buffer.from(presented);
      return keys.some((key) => {
        const mine = Buffer.from(sign(key, `form ${session.id}`).toString('base64url'));
        return mine.length === given.length && timingSafeEqual(mine, given);
      });
    },
  };
}
