import { expect, test } from "vitest";
import { reservedWords } from "../../../supabase/functions/_shared/text/reserved_words.ts";
import { loadLanguages } from "../../src/parse/languages/registry.ts";

const supportedLanguages = await loadLanguages();

test.each(Object.keys(reservedWords))("no word that %s reserves is told as a use", (language) => {
  const support = supportedLanguages.get(language);
  const rules = support !== undefined && "references" in support ? support.references : null;
  const keywords = new Set(rules?.lexis.keywords);
  const others = [...reservedWords[language] ?? []].filter((word) => !keywords.has(word));
  expect(others).toEqual([]);
});
