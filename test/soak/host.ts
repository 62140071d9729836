import type { ConnectionView } from '../../src/connection/reads/view-connection.ts';
import type { Meeting } from '../../src/meetings/meeting.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';

const PATIENCE_MS = 90_000;

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** The host product and its person in front of the browser: all that they can do is HTTP. */
export class Host {
  readonly #url: string;
  readonly #apiKey: string;

  constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  async api<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** Null for a tenant that was never seen. */
  async connection(tenantId: string): Promise<ConnectionView | null> {
    const { status, body } = await this.api<ConnectionView>('GET', `/v1/tenants/${tenantId}/connection`);
    if (status === 404) return null;
    if (status !== 200) throw new Error(`connection of ${tenantId}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Reconnects, or asks for consent and gives it as `account`. Says whether a person was needed. */
  async connect(tenantId: string, account: string, switchAccount: boolean): Promise<boolean> {
    const { status, body } = await this.api<{ authorizeUrl: string | null }>(
      'POST',
      `/v1/tenants/${tenantId}/connection/connect`,
      { switchAccount },
    );
    if (status >= 300) throw new Error(`connect of ${tenantId}: ${status} ${JSON.stringify(body)}`);
    if (body.authorizeUrl === null) return false;
    await (await giveConsent(body.authorizeUrl, account)).body?.cancel();
    return true;
  }

  disconnect(tenantId: string): Promise<Answer<unknown>> {
    return this.api('DELETE', `/v1/tenants/${tenantId}/connection`);
  }

  async meetings(tenantId: string): Promise<Meeting[]> {
    const items: Meeting[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/tenants/${tenantId}/meetings?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const { status, body }: Answer<{ items: Meeting[]; nextCursor: string | null }> = await this.api('GET', path);
      if (status !== 200) throw new Error(`meetings of ${tenantId}: ${status} ${JSON.stringify(body)}`);
      items.push(...body.items);
      cursor = body.nextCursor;
    }
    return items;
  }
}
