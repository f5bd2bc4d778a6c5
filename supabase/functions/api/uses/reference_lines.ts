/**
 * References with the lines that they stand in, which tell what is none: a page of them is filled with
 * those that follow.
 */
import { type ReferencesAnswer } from "../../_shared/contracts/navigation.ts";
import { cutText } from "../../_shared/contracts/search.ts";
import { bindingOf, WHOLE } from "../../_shared/segment/bindings.ts";
import { type ApiRequest } from "../context.ts";
import { lineReader } from "../files/file_lines.ts";
import { ownerAt, qualifierAt } from "../files/position.ts";
import { type FoundReference } from "./reference_pages.ts";
import { type SeenFiles } from "./seen_from_definition.ts";

/** Slices as long as a page whose lines are read to fill it: of a common name nearly all may be others'. */
const SLICES_MAX = 5;

type Reference = ReferencesAnswer["references"][number];

/**
 * The references with the lines that they stand in; null for what is none. Members that are called as a file
 * calls the name are none, `a.b` where an import brings `b`, unless they are members of a file as a whole; nor
 * are those that mean another definition by what they are members of.
 */
export async function withLines(
  { caller, dependencies: { database } }: ApiRequest,
  references: readonly FoundReference[],
  asked: string,
  { files, isElsewhere }: Pick<SeenFiles, "files" | "isElsewhere">,
): Promise<(Reference | null)[]> {
  if (references.length === 0) return [];
  const byBlob = Map.groupBy(references, ({ blob }) => blob);
  const wanted = [...byBlob].map(([blob, own]) => ({
    blob,
    lines: [...new Set(own.map(({ line }) => line))],
  }));
  const chunks = await database.readChunks(caller.tenantId, wanted);
  const readers = new Map(
    [...Map.groupBy(chunks, ({ blob }) => blob)].map(([blob, own]) => [blob, lineReader(own)]),
  );
  const sources = new Map(files.map(({ source }) => [source.path, source]));
  return references.map(({ blob, ...reference }) => {
    const { name, line, column } = reference;
    const text = readers.get(blob)?.(line) ?? "";
    const qualifier = qualifierAt(text, column);
    const source = sources.get(reference.path);
    const isRenamed = name !== asked && qualifier !== null &&
      (source === undefined || bindingOf(source, qualifier)?.name !== WHOLE);
    const owner = ownerAt(text, column);
    const isOther = isRenamed ||
      owner !== null && source !== undefined && isElsewhere(source, owner);
    return isOther ? null : { ...reference, text: cutText(text) };
  });
}

/** Of references from a number on as many as a page has, and the number behind the last that was looked at. */
export async function filledPage(
  references: readonly FoundReference[],
  from: number,
  limit: number,
  read: (some: readonly FoundReference[]) => Promise<readonly (Reference | null)[]>,
): Promise<{ readonly references: Reference[]; readonly end: number }> {
  const filled: Reference[] = [];
  let end = from;
  for (let slices = 0; slices < SLICES_MAX && filled.length < limit; slices += 1) {
    const some = await read(references.slice(end, end + limit));
    if (some.length === 0) break;
    for (const each of some) {
      if (filled.length === limit) break;
      if (each !== null) filled.push(each);
      end += 1;
    }
  }
  return { references: filled, end };
}
