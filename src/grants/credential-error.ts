/** The row is not there for this tenant and purpose. Holds no secret. */
export class CredentialError extends Error {
  readonly code = 'credential_missing';
  readonly credentialId: string;

  constructor(credentialId: string, purpose: string) {
    super(`There is no credential ${credentialId} of this tenant for ${purpose}.`);
    this.name = 'CredentialError';
    this.credentialId = credentialId;
  }
}
