import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EncryptionKey } from '../config/parsers.ts';

export interface Session {
  id: string;
  /** The name given at login. The history shows it at whatever this person does. */
  operator: string;
  /** Viewers read and change nothing. */
  role: 'operator' | 'viewer';
  /** False for a key that could not read the audit under `/v1` either. */
  seesAudit: boolean;
  expiresAt: number;
  /** A proxy has signed this person in, and only there can they log out. */
  byProxy?: boolean;
}

/** A name as people have one: short, and without signs that cannot be seen, which would look like another name. */
export const isPersonName = (name: string): boolean => /^[^\p{C}]{1,80}$/u.test(name);

/** A working day. */
export const SESSION_SECONDS = 12 * 3600;

export interface Sessions {
  /** `secret`: the password or key of the login. The session ends when it is no longer accepted. */
  start(
    person: Pick<Session, 'operator' | 'role' | 'seesAudit'> & { secret: string },
    now: Date,
  ): { token: string; session: Session };
  read(token: string | undefined, now: Date): Session | null;
  /** Part of every form of this session. Another site cannot know it. */
  formToken(session: Session): string;
  isFormToken(session: Session, presented: unknown): boolean;
}

/**
 * Sessions are signed and not stored, so that every instance knows them. Each one proves which credential opened it, and ends when that
 * password is changed or that key is removed.
 */
export function createSessions(encryptionKeys: readonly EncryptionKey[], secrets: readonly string[]): Sessions {
  const purpose = 'inspector session';
  const keys = encryptionKeys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)));
  const sign = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const proofOf = (key: Buffer, secret: string) => sign(key, `credential ${secret}`).toString('base64url');
  const proofs = new Set(keys.flatMap((key) => secrets.map((secret) => proofOf(key, secret))));
  const formToken: Sessions['formToken'] = ({ id }) => sign(keys[0]!, `form ${id}`).toString('base64url');

  return {
    formToken,
    start({ operator, role, seesAudit, secret }, now) {
      const session = {
        id: randomBytes(16).toString('base64url'),
        operator,
        role,
        seesAudit,
        credential: proofOf(keys[0]!, secret),
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
      const session = JSON.parse(Buffer.from(content, 'base64url').toString()) as Session & {
        credential: string;
      };
      return session.expiresAt > now.getTime() && proofs.has(session.credential) ? session : null;
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
