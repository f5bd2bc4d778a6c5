// Says which migrations a target has applied with another text than ours. Until the first release
// migrations may be rewritten and a target is thrown away; `supabase db push` compares versions
// alone and would call such a target up to date.

import type { SourceFile } from "../check/source_file.ts";

/** A row of supabase_migrations.schema_migrations. */
export interface AppliedMigration {
  readonly version: string;
  readonly statements: readonly string[] | null;
}

/**
 * Versions whose text differs, and versions that we no longer have; with `isWayBack` not those that are
 * newer than all of ours, since migrations are not taken back.
 */
export function migrationDrift(
  applied: readonly AppliedMigration[],
  files: readonly SourceFile[],
  isWayBack = false,
): string[] {
  const ours = new Map(files.map((file) => [/(\d{14})_[^/]*$/.exec(file.path)?.[1] ?? "", file]));
  const newest = [...ours.keys()].toSorted().at(-1) ?? "";
  return applied.flatMap(({ version, statements }) => {
    const file = ours.get(version);
    if (file === undefined) {
      if (isWayBack && version > newest) return [];
      return [`${version} is applied there and does not exist here`];
    }
    if (essence((statements ?? []).join("\n")) === essence(file.text)) return [];
    return [`${file.path} was applied there with another text`];
  });
}

/** The CLI stores a file cut into statements, so white space and semicolons do not count. */
function essence(text: string): string {
  return text.replace(/[\s;]+/g, "");
}
