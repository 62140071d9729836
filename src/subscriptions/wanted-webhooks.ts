/** The webhook that this installation asks Calendly for. */
export interface WantedWebhooks {
  publicUrl: string;
  scope: 'user' | 'organization';
  events: readonly string[];
  /** Organization scope refused for a plain member: user scope will do, with the events that it can have. */
  fallback: { scope: 'user'; events: readonly string[] } | null;
}
