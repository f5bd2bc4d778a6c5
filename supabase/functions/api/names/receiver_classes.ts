/**
 * Whose member a name is that stands behind a value, `driver.connect`: an outline does not know what a variable
 * holds, but mostly a class is named where it is declared, or the variable is named like its class.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { definitionsOf, referencesTo } from "../../_shared/segment/outline.ts";
import { fold } from "../../_shared/text/fold.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";
import { classesAround } from "./classes_around.ts";

/** A name behind a value. */
export interface MemberUse {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** What it stands behind, without what that is a member of itself. */
  readonly receiver: string;
}

/** What stands for the instance or the class that a function is a member of. */
const OWN = /^(?:cls|self|static|this)$/;
const HOLDING = /^(?:constant|field|property|variable)$/;

function classOf({ container }: RankedDefinition): string | null {
  return container === null ? null : container.slice(container.lastIndexOf(".") + 1);
}

/** Ways to tell the class of a value, from the surest. */
function evidenceFor(
  file: SourceFile,
  { name, line, column, receiver }: MemberUse,
  classes: ReadonlySet<string>,
): (() => ReadonlySet<string>)[] {
  const { outline } = file;
  const around = classesAround(file, classes);
  const use = referencesTo(outline, new Set([name]))
    .find((each) => each.line === line && each.column === column);
  const enclosing = use?.enclosing ?? null;
  const named = () => around(enclosing);
  if (OWN.test(receiver)) return [named];
  const within = enclosing === null ? undefined : outline.definitions[enclosing];
  const scope = within === undefined ? "" : fullNameOf(within);
  // What holds the value, if it is of this class or file.
  const held = () =>
    definitionsOf(outline, receiver).filter(({ kind, container }) =>
      HOLDING.test(kind) && (container === null || scope.startsWith(`${container}.`))
    ).flatMap((each) => [...around(outline.definitions.indexOf(each))]);
  const plain = fold(receiver.replace(/^_+|_+$/g, ""));
  const alike = () => [...classes].filter((each) => fold(each) === plain);
  // A value is of the class around it less often than of another one that is named there.
  const others = (some: Iterable<string>) =>
    new Set([...some].filter((each) => !scope.split(".").includes(each)));
  return [() => others(held()), () => new Set(alike()), () => others(named()), named];
}

/**
 * The definitions in their order, but first the members of the class that is meant, as far as something tells
 * it; of a class that the file neither imports nor has in its package nothing is told.
 */
export function membersFirst(
  file: SourceFile,
  use: MemberUse,
  ranked: readonly RankedDefinition[],
): readonly RankedDefinition[] {
  const known = ranked.filter(({ proximity }) => proximity !== "elsewhere");
  const classes = new Set(known.flatMap((each) => classOf(each) ?? []));
  if (ranked.length < 2 || classes.size === 0) return ranked;
  for (const tell of evidenceFor(file, use, classes)) {
    const told = tell();
    const members = new Set(known.filter((each) => told.has(classOf(each) ?? "")));
    if (members.size > 0) return [...members, ...ranked.filter((each) => !members.has(each))];
  }
  return ranked;
}
