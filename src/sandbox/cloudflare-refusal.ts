/** What Cloudflare answers, in front of Calendly and without asking it: neither JSON nor about any plan, role or scope. */
export const CLOUDFLARE_REFUSAL = 'error code: 1010';
