import type { OAuthClient } from './oauth.ts';

/** One OAuth application at Calendly: who asks for consent and presents tokens, and where its tokens are used. */
export interface CalendlyClient {
  /** In the configuration. The one of CALENDLY_CLIENT_ID is called `default`. */
  name: string;
  oauth: OAuthClient;
  apiBaseUrl: string;
}

export const DEFAULT_CLIENT = 'default';
