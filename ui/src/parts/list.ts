// How does a list that comes in parts stand in a table?

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";

interface Part<Row> {
  items: Row[];
}

/** All rows that have come so far. */
export const rowsOf = <Row>(data: InfiniteData<Part<Row>> | undefined): Row[] | undefined => data?.pages.flatMap((page) => page.items);

/** What a table shows of it: its rows, what went wrong, and how more of it is asked for. */
export const listed = <Row>(query: UseInfiniteQueryResult<InfiniteData<Part<Row>>>) => ({
  rows: rowsOf(query.data),
  error: query.error,
  onRetry: () => void query.refetch(),
  more: query.hasNextPage ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined,
});
