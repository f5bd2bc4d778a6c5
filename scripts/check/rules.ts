// Every structure rule of the repository, in the order in which they are reported.

import { fileNameRule, fileSizeRule, moduleHeaderRule } from "./files.ts";
import { globalsRule } from "./globals.ts";
import { importRule } from "./imports.ts";
import { migrationNameRule, migrationTextRule } from "./migrations.ts";
import type { Rule } from "./source_file.ts";
import { lockRule, versionRule } from "./versions.ts";
import { wordsRule } from "./words.ts";

/** Pure rules: they see the committed files and nothing else. */
export const rules: readonly Rule[] = [
  importRule,
  globalsRule,
  fileSizeRule,
  fileNameRule,
  moduleHeaderRule,
  wordsRule,
  migrationNameRule,
  migrationTextRule,
  versionRule,
  lockRule,
];
