/** One message of a stream of server-sent events; `data` is null where only the place moves on. */
export interface StreamMessage {
  id: string | null;
  data: string | null;
}

/** Far above the largest event. */
const MOST_CHARACTERS = 4_000_000;

/** The messages of an answer, as `GET /v1/events/stream` writes them. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    if (text.length > MOST_CHARACTERS) throw new Error('A message of the stream is too long');
    yield* blocks.map(readBlock);
  }
}

function readBlock(block: string): StreamMessage {
  const valueOf = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null;
  return { id: valueOf('id'), data: valueOf('data') };
}
