/**
 * How JavaScript writes packages: `@scope/name/entry`.
 */

/** Whether a specifier names a package or an alias: no path, no protocol. */
export function isBare(specifier: string): boolean {
  return !/^(?:\.{0,2}\/|\.{1,2}$|[a-z][a-z+.-]*:)/.test(specifier);
}

/** `@scope/name/rest` is the package @scope/name and the name ./rest in it. */
export function packageNameOf(
  specifier: string,
): { readonly name: string; readonly entry: string } {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return {
    name: parts.slice(0, length).join("/"),
    entry: [".", ...parts.slice(length)].join("/"),
  };
}
