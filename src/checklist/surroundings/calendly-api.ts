/** Asks Calendly itself, with the tenant's access token, to check what the service says. */
export interface CalendlyApi {
  me(): Promise<{ uri: string; organization: string; schedulingUrl: string }>;
  /** Callback URLs of the user's webhooks. */
  callbackUrls(): Promise<string[]>;
  /** When an invitee booked, by Calendly's clock. */
  bookedAt(inviteeUri: string): Promise<Date>;
}

interface Listed {
  collection: { callback_url: string }[];
  pagination: { next_page_token: string | null };
}

export function createCalendlyApi(apiBaseUrl: string, accessToken: string): CalendlyApi {
  async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${apiBaseUrl}${path}?${new URLSearchParams(query).toString()}`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`Calendly answered ${response.status} to GET ${path}`);
    return (await response.json()) as T;
  }
  const me = async () => {
    const { resource } = await get<{ resource: { uri: string; current_organization: string; scheduling_url: string } }>(
      '/users/me',
    );
    return { uri: resource.uri, organization: resource.current_organization, schedulingUrl: resource.scheduling_url };
  };
  return {
    me,
    async callbackUrls() {
      const { uri, organization } = await me();
      const urls: string[] = [];
      for (let token: string | null = ''; token !== null;) {
        const query = { organization, user: uri, scope: 'user', count: '100', ...(token && { page_token: token }) };
        const page: Listed = await get('/webhook_subscriptions', query);
        urls.push(...page.collection.map(({ callback_url: url }) => url));
        token = page.pagination.next_page_token;
      }
      return urls;
    },
    // A URI is an identity, not an address. Its path is requested at the configured address.
    bookedAt: async (inviteeUri) =>
      new Date((await get<{ resource: { created_at: string } }>(new URL(inviteeUri).pathname)).resource.created_at),
  };
}
