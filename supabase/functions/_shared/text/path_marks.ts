/**
 * What a path says of its file besides the language: somebody else's code, a test, documentation,
 * generated, minified or a lock. Pure; knows nothing of who stores or ranks by it.
 */
import { isVendoredFolder, isVendoredPath } from "./vendored_paths.ts";

/** The bits of a set of marks. Stored: never renumber. */
export const FILE_MARKS = {
  vendored: 1,
  test: 2,
  documentation: 4,
  generated: 8,
  minified: 16,
  lock: 32,
} as const;

/** Bits of FILE_MARKS; 0 is a file of its own making. */
export type FileMarks = number;

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

const TEST_FOLDERS = words(
  "test tests __tests__ spec specs testdata testing __mocks__ __snapshots__ e2e fixtures testsuite " +
    "androidTest unittests Tests",
);
const DOCUMENTATION_FOLDERS = words("doc docs Doc Docs documentation Documentation javadoc man");

const LOCKS = words(
  "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock " +
    "Cargo.lock composer.lock Gemfile.lock gems.locked poetry.lock Pipfile.lock uv.lock pdm.lock " +
    "pixi.lock go.sum go.work.sum Gopkg.lock glide.lock mix.lock rebar.lock flake.lock " +
    "packages.lock.json paket.lock Podfile.lock Cartfile.resolved Package.resolved pubspec.lock " +
    "gradle.lockfile .terraform.lock.hcl MODULE.bazel.lock conan.lock Chart.lock shard.lock",
);

const TEST_NAME = new RegExp(
  [
    String.raw`_(?:test|spec)\.[a-z]+$`,
    String.raw`[.-](?:test|tests|spec|e2e|cy)\.[a-z]+$`,
    String.raw`^test_[^/]*\.(?:py|c|cc|cpp|rb|sh|el)$`,
    String
      .raw`(?:[a-z0-9](?:Test|Tests|TestCase|IT|Spec|Specs))\.(?:java|kt|kts|scala|groovy|cs|vb|fs|php|swift|m|mm)$`,
    String.raw`^conftest\.py$`,
    String.raw`\.(?:bats|feature|snap)$`,
  ].join("|"),
);

const DOCUMENTATION_NAME =
  /^(?:readme|changelog|changes|contributing|copying|install|licen[cs]e|authors|news|history|code_of_conduct|security)(?:[.\-_].*)?$/i;

/** `license.go` is code: what a documentation name may end in. */
const DOCUMENTATION_EXTENSION =
  /^[^.]*(?:\.(?:md|markdown|mdx|rst|txt|adoc|asciidoc|org|html?|rdoc|pod|tex|[A-Z]+))?$/;

const GENERATED_NAME = new RegExp(
  [
    String.raw`\.pb\.(?:go|cc|h|c|swift|validate\.go|gw\.go)$`,
    String.raw`_pb2(?:_grpc)?\.pyi?$`,
    String.raw`_(?:grpc_)?pb\.(?:js|d\.ts|ts|rb)$`,
    String.raw`\.(?:g|freezed|gr|mocks)\.dart$`,
    String.raw`\.(?:designer|g|g\.i)\.(?:cs|vb)$`,
    String.raw`[._-]generated\.[a-z]+$`,
    String.raw`^zz_generated`,
    String.raw`\.(?:js|css|mjs|cjs|ts)\.map$`,
    String.raw`^(?:y\.tab|lex\.yy)\.[ch]$`,
  ].join("|"),
  "i",
);

const MINIFIED_NAME = /[.-]min\.(?:js|mjs|cjs|css|html?)$/i;

/** The marks that a path gives. */
export function marksOfPath(path: string): FileMarks {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  let marks: FileMarks = isVendoredPath(path, name) ? FILE_MARKS.vendored : 0;
  for (const folder of folders) {
    if (isVendoredFolder(folder)) marks |= FILE_MARKS.vendored;
    if (TEST_FOLDERS.has(folder)) marks |= FILE_MARKS.test;
    if (DOCUMENTATION_FOLDERS.has(folder)) marks |= FILE_MARKS.documentation;
  }
  if (TEST_NAME.test(name)) marks |= FILE_MARKS.test;
  if (DOCUMENTATION_NAME.test(name) && DOCUMENTATION_EXTENSION.test(name)) {
    marks |= FILE_MARKS.documentation;
  }
  if (LOCKS.has(name)) marks |= FILE_MARKS.lock;
  if (GENERATED_NAME.test(name)) marks |= FILE_MARKS.generated;
  if (MINIFIED_NAME.test(name)) marks |= FILE_MARKS.minified;
  return marks;
}
