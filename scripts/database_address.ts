// How a person's address of a database is used: encrypted where the server can be, which the client
// library leaves out unless it is told. Knows no database.

/** The address, with the wish for encryption unless it says something of it itself. */
export function preferEncryption(url: string): string {
  const address = new URL(url);
  // As libpq and the Supabase CLI do: a server that demands it would refuse, and any other be spoken to in clear.
  if (!address.searchParams.has("sslmode")) address.searchParams.set("sslmode", "prefer");
  return address.href;
}
