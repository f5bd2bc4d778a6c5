/**
 * JSON as people write it into settings: with comments and trailing commas. Answers plain values and
 * never throws: a broken file says nothing.
 */

/** A JSON object whose values are of any kind. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The strings of a value that is one, or a list of them. */
export function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

const STRING_OR_NOISE = /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const STRING_OR_COMMA = /("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g;

/** The value in a text; undefined when it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutNoise(text: string): string {
  return text.replace(STRING_OR_NOISE, (_, quoted: string | undefined) => quoted ?? " ")
    .replace(STRING_OR_COMMA, (_, quoted: string | undefined) => quoted ?? "");
}

/** The object in a text; null when there is none. */
export function parseJsonObject(text: string): JsonObject | null {
  const plain = text.replace(/^\uFEFF/, "");
  // Nearly every manifest is plain JSON, and to look for comments takes thirty times as long.
  const value = parsed(plain) ?? parsed(withoutNoise(plain));
  return isObject(value) ? value : null;
}
