/**
 * Modules of Python: relative ones, packages from the folders above, and source folders of other
 * projects in the repository.
 */
import {
  type Candidate,
  files,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  suffixes,
  UNRESOLVED,
} from "../import_meaning.ts";
import { ancestors, directoryOf, joined, joinPath } from "../paths.ts";

/** The top modules of the standard library, which a file of the same name does not hide. */
const STANDARD = new Set(
  ("__future__ abc aifc argparse array ast asyncio atexit audioop base64 bdb binascii bisect builtins " +
    "bz2 calendar cgi cmath cmd code codecs codeop collections colorsys compileall concurrent " +
    "configparser contextlib contextvars copy copyreg cProfile csv ctypes curses dataclasses datetime " +
    "dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp " +
    "fileinput fnmatch fractions ftplib functools gc getopt getpass gettext glob graphlib grp gzip " +
    "hashlib heapq hmac html http imaplib imghdr importlib inspect io ipaddress itertools json keyword " +
    "linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing " +
    "netrc ntpath numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform " +
    "plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri " +
    "random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex " +
    "shutil signal site smtplib sndhdr socket socketserver sqlite3 ssl stat statistics string stringprep " +
    "struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap threading " +
    "time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle types typing " +
    "unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg wsgiref xml xmlrpc " +
    "zipapp zipfile zipimport zlib zoneinfo").split(" "),
);
/** Folders from which a project may import its own. */
const SOURCE_FOLDERS = ["src", "lib", "python"];

function modulePaths(parts: readonly string[]): string[] {
  const module = parts.join("/");
  if (module === "") return ["__init__.py", "__init__.pyi"];
  return [`${module}.py`, `${module}/__init__.py`, `${module}.pyi`, `${module}/__init__.pyi`];
}

function relativeRoot(path: string, dots: number): string | null {
  return joinPath(directoryOf(path), "../".repeat(dots - 1));
}

/** Where an absolute module may start: folders above, their source folders, other projects' ones. */
function absolute(path: string, modules: readonly (readonly string[])[]): Candidate[] {
  const roots = ancestors(directoryOf(path)).flatMap((folder) => [
    folder,
    ...joined(folder, ...SOURCE_FOLDERS),
  ]);
  const paths = roots.flatMap((root) =>
    modules.flatMap((parts) => joined(root, ...modulePaths(parts)))
  );
  const elsewhere = modules.flatMap((parts) => {
    const own = modulePaths(parts);
    const below = SOURCE_FOLDERS.flatMap((folder) => own.map((each) => `${folder}/${each}`));
    return parts.length > 1 ? [...below, ...own] : below;
  });
  return [...files(paths), ...suffixes(elsewhere)];
}

/** What an import of Python may mean; `from a import b, c` may mean several modules. */
export function python({ path }: ImportingFile, { specifier, names }: Import): ImportMeaning {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  const folders = specifier.slice(dots).split(".").filter((part) => part !== "");
  const members = names.map(({ name }) => name).filter((name) => name !== "*");
  const each = members.length === 0
    ? [[folders]]
    : members.map((name) => [[...folders, name], folders]);
  if (dots > 0) {
    const root = relativeRoot(path, dots);
    if (root === null) return { things: [], missing: UNRESOLVED };
    const things = each.map((modules) =>
      files(modules.flatMap((parts) => joined(root, ...modulePaths(parts))))
    );
    return { things, missing: UNRESOLVED };
  }
  const top = folders[0] ?? "";
  if (top === "" || STANDARD.has(top)) return FROM_OUTSIDE;
  // Nearly all are from outside, which their ends tell: what they may mean is worked out when it is asked for.
  let things: Candidate[][] | null = null;
  return {
    get things() {
      return things ??= each.map((modules) => absolute(path, modules));
    },
    missing: {
      kind: "claimed",
      get by() {
        return absolute(path, [[top]]);
      },
    },
    ends: [...new Set([[top], ...each.flat()].flatMap(modulePaths))],
  };
}
