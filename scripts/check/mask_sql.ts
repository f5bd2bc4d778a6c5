// Cuts PostgreSQL text into statements and blanks what is not code: comments and the insides of
// strings. A dollar-quoted body stays, since it is code of its own, but its semicolons end
// nothing. It is a scanner: it knows tokens and no grammar.

/** One statement with its offset; `code` has the same length as `text`. */
export interface SqlStatement {
  readonly start: number;
  readonly text: string;
  readonly code: string;
  /** `code` without the dollar-quoted bodies: what stands before and after them. */
  readonly head: string;
}

const token =
  /--[^\n]*|\/\*[^]*?\*\/|[eE]'(?:\\[^]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$(\w*)\$[^]*?\$\1\$|;/g;

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** The same text with everything but code replaced by spaces. */
export function maskSql(text: string): string {
  return text.replace(token, (found, tag: string | undefined) => {
    if (found.startsWith("$")) {
      const fence = `$${tag ?? ""}$`;
      return fence + maskSql(found.slice(fence.length, -fence.length)) + fence;
    }
    if (found === ";" || found.startsWith('"')) return found;
    if (found.startsWith("-") || found.startsWith("/")) return blank(found);
    const open = found.indexOf("'") + 1;
    return found.slice(0, open) + blank(found.slice(open, -1)) + "'";
  });
}

/** The statements of a migration in order, without the empty ones. */
export function sqlStatements(text: string): SqlStatement[] {
  const ends = [...text.matchAll(token)].filter((match) => match[0] === ";").map((match) =>
    match.index
  );
  const bounds = [-1, ...ends, text.length];
  return bounds.slice(1).flatMap((end, index) => {
    const start = (bounds[index] ?? -1) + 1;
    const statement = text.slice(start, end);
    const code = maskSql(statement);
    const skipped = /^\s*/.exec(code)?.[0].length ?? 0;
    if (code.trim() === "") return [];
    return [{
      start: start + skipped,
      text: statement.slice(skipped),
      code: code.slice(skipped),
      head: code.slice(skipped).replace(/\$(\w*)\$[^]*?\$\1\$/g, blank),
    }];
  });
}
