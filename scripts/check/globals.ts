// Who may touch the world. A pure core takes its environment, clock and exit code as arguments;
// only the entry files named here reach for them.

import { maskScript } from "./mask_script.ts";
import {
  isFixture,
  isScript,
  isTest,
  type Rule,
  type SourceFile,
  violationsOf,
} from "./source_file.ts";

interface Restriction {
  readonly pattern: RegExp;
  readonly within: RegExp;
  readonly except: RegExp;
  readonly message: string;
}

const restrictions: readonly Restriction[] = [
  {
    pattern: /\bDeno\b/g,
    within: /^(?:supabase\/functions|indexer)\//,
    except: /^supabase\/functions\/(?:[a-z][a-z-]*\/index|_shared\/runtime\/environment)\.ts$/,
    message: "Deno is for index.ts and _shared/runtime/environment.ts alone",
  },
  {
    pattern: /\bprocess\b/g,
    within: /^(?:supabase\/functions|indexer\/src\/(?:parse|segment))\//,
    except: /$^/,
    message: "process does not exist here: this code is pure or runs in another runtime",
  },
  {
    pattern: /\bprocess\s*\.\s*(?:env|exit|exitCode|argv|on|once|kill)\b/g,
    within: /^indexer\/src\//,
    except: /^indexer\/src\/(?:main|config)\.ts$/,
    message: "the environment, signals and the exit code belong to main.ts and config.ts",
  },
];

/** The rule over the sources of both runtimes; tests may do as they need. */
export const globalsRule: Rule = {
  name: "globals",
  check: (files) =>
    files.filter((file) => isScript(file.path) && !isTest(file.path) && !isFixture(file.path))
      .flatMap(violations),
};

function violations(file: SourceFile) {
  const applying = restrictions.filter(({ within, except }) =>
    within.test(file.path) && !except.test(file.path)
  );
  if (applying.length === 0) return [];
  const code = maskScript(file.text);
  // A property of that name (`value.process`) and a key (`process:`) are something else.
  return applying.flatMap(({ pattern, message }) =>
    violationsOf(
      file,
      code,
      new RegExp(`(?<![.\\w])${pattern.source}(?!\\s*:)`, "g"),
      () => message,
    )
  );
}
