/**
 * The units of a text as an array of numbers: for loops over every unit, which read an array several
 * times as fast as a string.
 */

const UNITS_MIN = 64 * 1024;
const UNIT_BYTES = 2;

/** The units of one text after another, in one buffer. */
export class TextUnits {
  /** Those of the last text, and rests of earlier ones behind them. */
  units = new Uint16Array(UNITS_MIN);
  #bytes = Buffer.from(this.units.buffer);
  #text = "";

  /** The units of a text, valid until another one is asked for. */
  of(text: string): Uint16Array {
    if (text === this.#text) return this.units;
    if (text.length > this.units.length) {
      this.units = new Uint16Array(Math.max(text.length, this.units.length * 2));
      this.#bytes = Buffer.from(this.units.buffer);
    }
    this.#bytes.write(text, 0, text.length * UNIT_BYTES, "utf16le");
    this.#text = text;
    return this.units;
  }
}
