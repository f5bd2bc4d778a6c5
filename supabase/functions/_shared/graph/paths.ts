/**
 * Paths inside a repository: from its root, without a leading slash, "" for the root itself. Pure text;
 * whether a path exists is for whoever knows the tree.
 */

/** The folder of a path; "" at the top. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path up to the first dot of its name: what it has in common with what it may be mistaken for. */
export function pathStem(path: string): string {
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1);
  return dot === -1 ? path : path.slice(0, dot);
}

/** Parts that a path does not keep. */
const CHANGING_PARTS = /(?:^|\/)(?:\.{0,2}(?:\/|$))/;

/** The path that `relative` means from a folder; null above the root. */
export function joinPath(directory: string, relative: string): string | null {
  let folder = directory;
  let rest = relative;
  // What nearly all begin with, without taking the path apart: each import of thousands is joined.
  while (rest.startsWith("./") || folder !== "" && rest.startsWith("../")) {
    if (rest.startsWith("../")) folder = directoryOf(folder);
    rest = rest.slice(rest.indexOf("/") + 1);
  }
  if (!CHANGING_PARTS.test(rest)) return folder === "" ? rest : `${folder}/${rest}`;
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of rest.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

/** The paths that several relative ones mean from a folder; those above the root are left out. */
export function joined(directory: string, ...relatives: readonly string[]): string[] {
  return relatives.map((relative) => joinPath(directory, relative)).filter((path) => path !== null);
}

/** A folder and all above it, from the innermost to the root. */
export function ancestors(directory: string): string[] {
  const folders = [directory];
  while (folders.at(-1) !== "") folders.push(directoryOf(folders.at(-1) ?? ""));
  return folders;
}

/** Whether a path lies in a folder or below it. */
export function isBelow(path: string, directory: string): boolean {
  return directory === "" || path.startsWith(`${directory}/`);
}

const SLASH = 0x2f;

/** How many folders two paths have in common from the root on. */
export function sharedFolders(one: string, other: string): number {
  let shared = 0;
  for (let index = 0; index < one.length; index++) {
    const unit = one.charCodeAt(index);
    if (unit !== other.charCodeAt(index)) return shared;
    if (unit === SLASH) shared++;
  }
  return shared;
}
