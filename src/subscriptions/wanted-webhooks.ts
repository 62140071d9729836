/** The webhook that this installation asks Calendly for. */
export interface WantedWebhooks {
  publicUrl: string;
  scope: 'user' | 'organization';
  events: readonly string[];
  /** If Calendly refuses organization scope to a plain member: user scope, with the events that user scope allows. */
  fallback: { scope: 'user'; events: readonly string[] } | null;
}
