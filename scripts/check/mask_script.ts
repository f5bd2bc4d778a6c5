// Blanks what is not code in a TypeScript text, keeping every offset: comments, the insides of
// strings and templates, and regular expressions. A rule can then search for a word without
// finding it in prose. It is a scanner, not a parser: it knows no grammar beyond the tokens, and
// tells a regular expression from a division by the token before it, which is right for formatted
// code.

const regexpMayFollowWord =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield)$/;

/** The same text, same length and lines, with everything but code replaced by spaces. */
export function maskScript(text: string): string {
  const scanner = new Scanner(text);
  scanner.code(false);
  return scanner.masked();
}

class Scanner {
  readonly #text: string;
  readonly #kept: string[];
  #at = 0;
  /** Offset after the last character of code that is not white space: decides about a slash. */
  #codeEnd = 0;

  constructor(text: string) {
    this.#text = text;
    this.#kept = text.split("");
  }

  masked(): string {
    return this.#kept.join("");
  }

  /** Code up to the end of the text, or up to the brace that closes a template's `${`. */
  code(insideTemplate: boolean): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (this.#skipNonCode(character)) continue;
      if (character === "{") depth += 1;
      if (character === "}" && depth-- === 0 && insideTemplate) return;
      this.#at += 1;
      if (!/\s/.test(character)) this.#codeEnd = this.#at;
    }
  }

  /** Consumes a comment, string, template or regular expression that starts here. */
  #skipNonCode(character: string): boolean {
    const pair = this.#text.slice(this.#at, this.#at + 2);
    if (pair === "//") return this.#blankUntil(/\n|$/g, 0);
    if (pair === "/*") return this.#blankUntil(/\*\/|$/g, 2);
    if (character === '"' || character === "'") return this.#quoted(character);
    if (character === "`") return this.#template();
    if (character === "/" && this.#regexpMayStart()) {
      return this.#literal(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y);
    }
    return false;
  }

  #regexpMayStart(): boolean {
    const before = this.#text.slice(Math.max(0, this.#codeEnd - 12), this.#codeEnd);
    return before === "" || /[([{,;:=!&|?+\-*%~^<>}]$/.test(before) ||
      regexpMayFollowWord.test(before);
  }

  #quoted(quote: string): boolean {
    return this.#literal(quote === '"' ? /"(?:\\[^]|[^"\\\n])*"/y : /'(?:\\[^]|[^'\\\n])*'/y);
  }

  /** A literal keeps its delimiters and loses its inside. */
  #literal(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    const end = this.#at + match[0].length;
    this.#blank(this.#at + 1, end - 1);
    this.#at = this.#codeEnd = end;
    return true;
  }

  #template(): boolean {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === "`") break;
      if (this.#text.startsWith("${", this.#at)) {
        this.#at += 2;
        this.#codeEnd = this.#at;
        this.code(true);
      } else {
        const length = character === "\\" ? 2 : 1;
        this.#blank(this.#at, this.#at + length);
        this.#at += length - 1;
      }
      this.#at += 1;
    }
    this.#at += 1;
    this.#codeEnd = this.#at;
    return true;
  }

  /** Blanks from here to the end mark, whose last `keep` characters are blanked too. */
  #blankUntil(mark: RegExp, keep: number): boolean {
    mark.lastIndex = this.#at;
    const end = (mark.exec(this.#text)?.index ?? this.#text.length) + keep;
    this.#blank(this.#at, end);
    this.#at = end;
    return true;
  }

  #blank(from: number, to: number): void {
    for (let at = from; at < Math.min(to, this.#kept.length); at += 1) {
      if (this.#kept[at] !== "\n") this.#kept[at] = " ";
    }
  }
}
