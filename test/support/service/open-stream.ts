export interface StreamedEvent {
  id: string;
  type: string;
  // Asserted on field by field.
  data: any;
}

/** Reads server-sent events as a host's client does: blocks between blank lines, comments passed over. */
export async function openStream(url: string, apiKey: string, lastEventId?: string) {
  const stop = new AbortController();
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: stop.signal,
  });
  const events: StreamedEvent[] = [];
  let ended = false;
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field('data');
        if (data !== undefined) events.push({ id: field('id')!, type: field('event')!, data: JSON.parse(data) });
      }
    }
  })()
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  return {
    response,
    events,
    ended: () => ended,
    async close() {
      stop.abort();
      await reading;
    },
  };
}
