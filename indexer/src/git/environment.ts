/**
 * The environment that git runs in: nothing of the machine's own configuration, no prompt, one
 * protocol, and the token where neither a command line nor a file shows it. Does not start git.
 */

export interface GitHost {
  /** A repository's address is this, a slash and its full name. */
  readonly baseUrl: string;
  /** PATH, proxies, certificates. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface GitEnvironmentOptions {
  readonly host: GitHost;
  readonly token: string | null;
  /** Stands in for the home directory, where git and its HTTP library look for credentials. */
  readonly home: string;
}

export type GitEnvironment = Readonly<Record<string, string>>;

/** The variables of every git process of a job. */
export function gitEnvironment(options: GitEnvironmentOptions): GitEnvironment {
  const { host, token, home } = options;
  return {
    ...host.variables,
    HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    // A repository's content can name other protocols (file, ssh, ext); none of them is followed.
    GIT_ALLOW_PROTOCOL: new URL(host.baseUrl).protocol.replace(":", ""),
    GIT_NO_LAZY_FETCH: "1",
    ...settingVariables({
      // Git would go on wherever a redirect leads, and take the token there: it binds the header to the
      // address that it begins with.
      "http.followRedirects": "false",
      ...(token === null
        ? {}
        : { [`http.${host.baseUrl}/.extraHeader`]: `Authorization: ${authorizationOf(token)}` }),
    }),
  };
}

function settingVariables(settings: Readonly<Record<string, string>>): GitEnvironment {
  const entries = Object.entries(settings);
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [n, [key, value]] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${n}`] = key;
    variables[`GIT_CONFIG_VALUE_${n}`] = value;
  }
  return variables;
}

/** The header Authorization that the host knows the token by. */
export function authorizationOf(token: string): string {
  return `Basic ${basicCredentials(token)}`;
}

function basicCredentials(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}

/** The text without the token in any of its forms. */
export function redact(text: string, token: string | null): string {
  if (token === null || token === "") return text;
  return text.replaceAll(token, "[token]").replaceAll(basicCredentials(token), "[token]");
}

/** The address of a repository. */
export function repositoryUrl(host: GitHost, fullName: string): string {
  return `${host.baseUrl}/${fullName.split("/").map(encodeURIComponent).join("/")}.git`;
}

/** The full name of the repository at an address of the host; null: it is none of this host's. */
export function nameAt(host: GitHost, address: URL): string | null {
  const base = `${new URL(host.baseUrl).href.replace(/\/+$/, "")}/`;
  if (!address.href.startsWith(base)) return null;
  try {
    return decodeURIComponent(address.href.slice(base.length).replace(/\.git$/, ""));
  } catch {
    return null;
  }
}
