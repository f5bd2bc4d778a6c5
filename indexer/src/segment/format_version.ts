/**
 * The version of a segment's layout. A reader that meets another one cannot understand the rows, so
 * a change here means new segments beside the old ones until those are rewritten.
 *
 * 1: blobs, chunks of 4,096 units, terms of 64 code points with windows, anchored grams, symbols.
 * 2: each blob's outline: definitions with docs, imports, references.
 * 3: terms, grams and symbols in pages with numbers of two bytes; names are no terms any more, and
 *    what else is known of a symbol is in the outline alone. Outlines are columns of bytes
 *    (version 2 of theirs) instead of JSON.
 * 4: chunks in raw deflate instead of text.
 * 5: which blobs call a name, and which import something by a word.
 * 6: which manifests name a package; imports whose path has no word.
 * 7: chunks of 6,144 units; what is deflated may point at a dictionary that reader and writer share.
 */
export const SEGMENT_FORMAT_VERSION = 7;
