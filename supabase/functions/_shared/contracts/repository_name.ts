/**
 * How a person names a repository: OWNER/NAME, or its address on an allowed host. Pure; whether it
 * exists is the host's to say.
 */

/** A repository's two names on its host. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/** What a text turned out to name. */
export type ParsedRepositoryName =
  | { readonly outcome: "ok"; readonly repository: RepositoryName }
  | { readonly outcome: "invalid" }
  | { readonly outcome: "host_not_allowed"; readonly host: string };

/** Letters, digits and inner hyphens; an underscore only where a company manages its users. */
const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})$/;
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

function parsePair(owner: string, name: string): ParsedRepositoryName {
  const isName = NAME.test(name) && name !== "." && name !== ".." && !name.endsWith(".git");
  if (!OWNER.test(owner) || !isName) return { outcome: "invalid" };
  return { outcome: "ok", repository: { owner, name } };
}

/** What people copy from a clone's address. */
function withoutEnding(name: string): string {
  return name.replace(/(?<=.)\.git$/, "");
}

function parseAddress(input: string, allowedHosts: readonly string[]): ParsedRepositoryName {
  if (!URL.canParse(input)) return { outcome: "invalid" };
  const url = new URL(input);
  const isPlain = url.username === "" && url.password === "" && url.search === "" &&
    url.hash === "";
  if (!isPlain) return { outcome: "invalid" };
  if (!allowedHosts.includes(url.host)) return { outcome: "host_not_allowed", host: url.host };
  const [, owner, name] = /^\/([^/]+)\/([^/]+)\/?$/.exec(url.pathname) ?? [];
  if (owner === undefined || name === undefined) return { outcome: "invalid" };
  return parsePair(owner, withoutEnding(name));
}

/** Reads OWNER/NAME(.git) or http(s)://HOST/OWNER/NAME(.git); hosts are compared with their port. */
export function parseRepositoryName(
  input: string,
  allowedHosts: readonly string[],
): ParsedRepositoryName {
  if (/^https?:\/\//i.test(input)) return parseAddress(input, allowedHosts);
  const [owner, name, ...rest] = input.split("/");
  if (owner === undefined || name === undefined || rest.length > 0) return { outcome: "invalid" };
  return parsePair(owner, withoutEnding(name));
}
