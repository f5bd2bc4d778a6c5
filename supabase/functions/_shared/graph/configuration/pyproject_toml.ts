/**
 * What a pyproject.toml says of where programs begin: the modules that its scripts call.
 */
import { joined } from "../paths.ts";
import { sectionsOf } from "./toml_text.ts";

/** Where modules lie, seen from the manifest. */
const ROOTS = ["", "src"];
const SCRIPTS = /^(?:project\.(?:gui-)?scripts|tool\.poetry\.scripts)$/;
/** `name = "package.module:function"` */
const SCRIPT = /^[ \t]*["']?[\w.-]+["']?[ \t]*=[ \t]*["']([\w.]+)[ \t]*:/gm;

/** The files that each script may begin in, the likeliest first. */
export function scriptEntries(
  directory: string,
  text: string,
): { readonly why: string; readonly candidates: readonly string[] }[] {
  return sectionsOf(text).filter(({ heading }) => SCRIPTS.test(heading))
    .flatMap(({ body }) => [...body.matchAll(SCRIPT)])
    .map(([, module = ""]) => {
      const path = module.replaceAll(".", "/");
      const candidates = ROOTS.flatMap((root) => joined(directory, root))
        .flatMap((root) => joined(root, `${path}.py`, `${path}/__init__.py`));
      return { why: "pyproject.toml script", candidates };
    });
}
