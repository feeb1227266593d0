/** The most that the gateway gives at once. */
const PAGE = 200;

/** A list that is short by nature, as one page with all of it. */
export async function allPages<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<{ data: T[]; next_cursor: string | null }>,
): Promise<{ data: T[]; next_cursor: null }> {
  let page = await read({ limit: PAGE });
  const data = [...page.data];
  while (page.next_cursor !== null) {
    page = await read({ limit: PAGE, cursor: page.next_cursor });
    data.push(...page.data);
  }
  return { data, next_cursor: null };
}
