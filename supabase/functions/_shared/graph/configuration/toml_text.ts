/**
 * What manifests in TOML have in common, as far as they are read.
 */

/** The sections of a manifest: their headings, `package` or `bin`, and their text. */
export function sectionsOf(text: string): { readonly heading: string; readonly body: string }[] {
  return text.split(/^\s*(?=\[)/m).map((section) => {
    const heading = /^\[+\s*([^\]]+?)\s*\]+/.exec(section);
    return { heading: heading?.[1] ?? "", body: section.slice(heading?.[0].length ?? 0) };
  });
}
