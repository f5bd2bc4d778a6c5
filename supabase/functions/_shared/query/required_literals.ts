/**
 * What every text that a regular expression matches must contain: literals that lead to the files in
 * which it is worth trying. Reads RE2's syntax only as far as it is sure of it; what it does not
 * understand promises nothing, and so never hides a match. Pure.
 */

/** Literals, each a part of one line; whatever matches has one of them at least. */
export type Clause = readonly string[];

/** More alternatives than this are not looked for one by one. */
const CLAUSE_LITERALS_MAX = 16;

/** What every match has; empty when nothing is certain. */
export function requiredClauses(source: string): readonly Clause[] {
  const reader = new Reader(source);
  const clauses = reader.alternatives();
  return reader.isUnderstood ? clauses : [];
}

/** The literals that every match has, without those of which it has one or another. */
export function requiredLiterals(source: string): readonly string[] {
  return requiredClauses(source).flatMap((clause) => clause.length === 1 ? clause : []);
}

/** Of each branch the clause that tells most, as one clause; nothing when a branch has none. */
function oneOf(branches: readonly (readonly Clause[])[]): Clause[] {
  const shortest = (clause: Clause) => Math.min(...clause.map(({ length }) => length));
  const best = branches.map((clauses) =>
    clauses.toSorted((a, b) => shortest(b) - shortest(a))[0] ?? []
  );
  const literals = [...new Set(best.flat())];
  const isUseless = best.some(({ length }) => length === 0) ||
    literals.length > CLAUSE_LITERALS_MAX;
  return isUseless ? [] : [literals];
}

class Reader {
  readonly #source: string;
  #at = 0;
  #isStrange = false;

  constructor(source: string) {
    this.#source = source;
  }

  /** Whether all of it was read, and nothing in it was strange. */
  get isUnderstood(): boolean {
    return this.#isAtEnd && !this.#isStrange;
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  /** Of several alternatives one is there; of one all it has. */
  alternatives(): readonly Clause[] {
    const first = this.#sequence();
    const branches = [first];
    while (this.#peek() === "|") {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    return branches.length === 1 ? first : oneOf(branches);
  }

  /** Up to a `|`, a `)` or the end. */
  #sequence(): Clause[] {
    const clauses: Clause[] = [];
    let run = "";
    const end = () => {
      if (run !== "") clauses.push([run]);
      run = "";
    };
    while (!this.#isAtEnd && this.#peek() !== "|" && this.#peek() !== ")") {
      const piece = this.#piece();
      const isRequired = this.#repetition();
      if (typeof piece === "string" && isRequired === "once") {
        run += piece;
        continue;
      }
      if (typeof piece === "string" && isRequired === "more") run += piece;
      end();
      if (typeof piece !== "string" && isRequired !== "maybe") clauses.push(...piece);
    }
    end();
    return clauses;
  }

  /** A character that stands for itself, or what a larger piece requires. */
  #piece(): string | readonly Clause[] {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#characterClass();
      case "\\":
        return this.#escape();
      case ".":
      case "^":
      case "$":
        return [];
      default:
        return character;
    }
  }

  #group(): readonly Clause[] {
    if (this.#peek() === "?") {
      const known = /\?(?::|P?<[A-Za-z_]\w*>)/y;
      known.lastIndex = this.#at;
      const opening = known.exec(this.#source)?.[0];
      if (opening === undefined) return this.#giveUp();
      this.#at += opening.length;
    }
    const clauses = this.alternatives();
    if (this.#peek() !== ")") return this.#giveUp();
    this.#at += 1;
    return clauses;
  }

  #characterClass(): readonly Clause[] {
    if (this.#peek() === "^") this.#at += 1;
    // A bracket in first place is a member.
    if (this.#peek() === "]") this.#at += 1;
    while (!this.#isAtEnd && this.#peek() !== "]") {
      if (this.#source.startsWith("[:", this.#at)) {
        const close = this.#source.indexOf(":]", this.#at);
        if (close !== -1) this.#at = close + 1;
      } else if (this.#peek() === "\\") {
        this.#at += 1;
      }
      this.#at += 1;
    }
    this.#at += 1;
    return [];
  }

  /** Punctuation stands for itself; of letters and digits only the commonest are understood. */
  #escape(): string | readonly Clause[] {
    const character = this.#peek();
    this.#at += 1;
    if (/[dDsSwWbBAz]/.test(character)) return [];
    return /[!-/:-@[-`{-~]/.test(character) ? character : this.#giveUp();
  }

  /** How often the piece before is there. */
  #repetition(): "once" | "more" | "maybe" {
    const operator = /[*+?]|\{(\d+)(?:,\d*)?\}/y;
    operator.lastIndex = this.#at;
    const found = operator.exec(this.#source);
    if (found === null) return "once";
    this.#at += found[0].length;
    if (this.#peek() === "?") this.#at += 1;
    // Two in a row are an error of RE2, or a thing that this does not know.
    operator.lastIndex = this.#at;
    if (operator.test(this.#source)) this.#giveUp();
    if (found[0] === "+") return "more";
    return found[1] !== undefined && Number(found[1]) > 0 ? "more" : "maybe";
  }

  #giveUp(): readonly Clause[] {
    this.#isStrange = true;
    this.#at = this.#source.length;
    return [];
  }
}
