/** Who issued a grant. Its tokens are presented to nobody else. */
export interface Issuer {
  authBaseUrl: string;
  clientId: string;
}
