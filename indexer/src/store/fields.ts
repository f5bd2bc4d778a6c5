/**
 * Reads the JSON that SQL functions answer with, field by field, so that a function that changed its
 * answer is noticed where it is called. Knows no function.
 */

/** The fields of one JSON object. */
export class Fields {
  readonly #what: string;
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(what: string, value: unknown) {
    if (typeof value !== "object" || value === null) throw new Error(`${what} is no object`);
    this.#what = what;
    this.#values = new Map(Object.entries(value));
  }

  #wrong(name: string, expected: string): Error {
    return new Error(`${this.#what}: ${name} is not ${expected}`);
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== "string") throw this.#wrong(name, "a string");
    return value;
  }

  /** True also where the field is absent. */
  isNull(name: string): boolean {
    return (this.#values.get(name) ?? null) === null;
  }

  textOrNull(name: string): string | null {
    return this.isNull(name) ? null : this.text(name);
  }

  /** Empty where the field is absent. */
  texts(name: string): string[] {
    const value = this.#values.get(name) ?? [];
    const isText = (item: unknown) => typeof item === "string";
    if (!Array.isArray(value) || !value.every(isText)) throw this.#wrong(name, "strings");
    return value;
  }

  integer(name: string): number {
    const value = this.#values.get(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw this.#wrong(name, "a whole number");
    }
    return value;
  }

  integerOrNull(name: string): number | null {
    return this.isNull(name) ? null : this.integer(name);
  }

  /** False where the field is absent. */
  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  fields(name: string): Fields {
    return new Fields(`${this.#what}.${name}`, this.#values.get(name));
  }
}
