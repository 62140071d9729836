/** Where the service runs, and a key of it. */
export interface ServiceAddress {
  url: string;
  apiKey: string;
}

/** What is wrong with it, for a person; null: nothing. */
export function wrongAddress({ url, apiKey }: ServiceAddress): string | null {
  const parsed = URL.parse(url);
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed?.hostname ?? '');
  if (parsed === null || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback)))
    return 'The address of the service must be https://…, or http:// on this machine, because tokens are sent to it.';
  return apiKey === '' ? 'Set SERVICE_API_KEY to an API key of the service.' : null;
}
