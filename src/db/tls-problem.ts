const NOT_SIGNED =
  'is not signed by a CA that is trusted here. Name the right one in DATABASE_URL: ?sslmode=verify-full&sslrootcert=/path/ca.pem';

/** By the codes of Node's TLS. */
const PROBLEMS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: NOT_SIGNED,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_SIGNED,
  CERT_SIGNATURE_FAILURE: NOT_SIGNED,
  CERT_HAS_EXPIRED: 'has expired. Renew it at the database.',
  CERT_NOT_YET_VALID: 'is not valid yet. Look at the clocks of this machine and of the database.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is of another host. Use the name in DATABASE_URL that the certificate is made for.',
};

/** What is wrong with the database's certificate, in one sentence; null: the error is of another kind. */
export function tlsProblem(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    const problem = code === undefined ? undefined : PROBLEMS[code];
    if (problem !== undefined) return `The certificate of the database ${problem}`;
  }
  return null;
}
