import type { CallOptions } from './options.ts';

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Every item of a list, page after page: `for await (const meeting of eachItem(client.listMeetings, { tenantId }))`. */
export async function* eachItem<Item, Query extends { cursor?: string | undefined }>(
  list: (query: Query, options?: CallOptions) => Promise<Page<Item>>,
  query: NoInfer<Query>,
  options: CallOptions = {},
): AsyncGenerator<Item, void, void> {
  for (let cursor: string | null | undefined = query.cursor; cursor !== null;) {
    const page: Page<Item> = await list(cursor === undefined ? query : { ...query, cursor }, options);
    yield* page.items;
    cursor = page.nextCursor;
  }
}
