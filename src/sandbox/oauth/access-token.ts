import { createHmac, randomUUID } from 'node:crypto';

interface AccessTokenClaims {
  userUuid: string;
  clientId: string;
  issuedAtMs: number;
  expiresAtMs: number;
}

/** A token that looks like Calendly's (a JWT, HS256, these claims). Clients should not read it. */
export function makeAccessToken(key: string, claims: AccessTokenClaims): string {
  const head = encode({ alg: 'HS256' });
  const body = encode({
    iss: 'https://auth.calendly.com',
    iat: Math.floor(claims.issuedAtMs / 1000),
    jti: randomUUID(),
    user_uuid: claims.userUuid,
    app_uid: claims.clientId,
    exp: Math.floor(claims.expiresAtMs / 1000),
  });
  const signature = createHmac('sha256', key).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
