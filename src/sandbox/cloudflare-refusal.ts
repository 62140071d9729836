/** The answer of Cloudflare, which stands in front of Calendly. It is not JSON, and says nothing about a plan, role or scope. */
export const CLOUDFLARE_REFUSAL = 'error code: 1010';
