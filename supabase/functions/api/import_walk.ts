/**
 * Walks imports over the files of one indexed ref, in either direction. Asks the tree for all paths of a
 * step at once; which path an import may mean is decided elsewhere.
 */
import {
  DEPENDENCY_FILES_MAX,
  LOOKED_UP_PATHS_MAX,
  PAGE_ITEMS_MAX,
} from "../_shared/contracts/limits.ts";
import { type DependenciesAnswer } from "../_shared/contracts/navigation.ts";
import {
  type GoModule,
  importPaths,
  importWord,
  type Surroundings,
} from "../_shared/graph/import_paths.ts";
import { type Database } from "../_shared/runtime/database.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type OutlineImport } from "../_shared/segment/outline.ts";
import { fold } from "../_shared/text/fold.ts";
import { linesBetween } from "./file_lines.ts";
import { refNotIndexed } from "./indexed_tree.ts";
import { readOutline } from "./outline_reader.ts";

/** The ref that is walked. */
export interface WalkedTree {
  readonly database: Database;
  readonly tenantId: string;
  readonly repository: string;
  readonly ref: string | null;
}

type Edge = DependenciesAnswer["edges"][number];
type Unresolved = DependenciesAnswer["unresolved"][number];

interface File {
  readonly path: string;
  readonly language: string;
  readonly imports: readonly OutlineImport[];
}

/** An import of a file, and what it leads to: files, something outside, or nothing known. */
interface Resolved {
  readonly file: File;
  readonly imported: OutlineImport;
  readonly to: readonly string[];
  readonly isExternal: boolean;
}

const GO_MOD_LINES_MAX = 50;

export class ImportWalk {
  readonly #tree: WalkedTree;
  #goModules: Promise<GoModule[]> | null = null;
  /** Whether something was left out for its number. */
  isCut = false;

  constructor(tree: WalkedTree) {
    this.#tree = tree;
  }

  /** The files there are of these paths, with their imports. */
  async files(paths: readonly string[]): Promise<File[]> {
    const found = await this.#look(paths, true);
    return await Promise.all(found.map(async ({ path, language, outline }) => {
      const { imports } = await readOutline(outline);
      return { path, language, imports };
    }));
  }

  /** What the file imports, and what that imports, to a depth. */
  async dependencies(start: string, depthMax: number) {
    const edges: Edge[] = [];
    const external = new Set<string>();
    const unresolved: Unresolved[] = [];
    const visited = new Set([start]);
    let paths = [start];
    for (let depth = 1; depth <= depthMax && paths.length > 0; depth += 1) {
      const next = new Set<string>();
      for (
        const { file, imported, to, isExternal } of await this.#resolve(await this.files(paths))
      ) {
        const { line, specifier } = imported;
        const from = file.path;
        for (const path of to) {
          edges.push({ from, to: path, line, specifier, depth });
          if (!visited.has(path)) next.add(path);
        }
        if (isExternal) external.add(specifier);
        else if (to.length === 0) unresolved.push({ from, line, specifier });
      }
      paths = this.#visit(next, visited);
    }
    return { edges, external: [...external].sort(), unresolved };
  }

  /** Who imports the file, and who imports those, to a depth. */
  async dependents(start: string, depthMax: number) {
    const edges: Edge[] = [];
    const visited = new Set([start]);
    let paths = [start];
    for (let depth = 1; depth <= depthMax && paths.length > 0; depth += 1) {
      const next = new Set<string>();
      const importers = await Promise.all(paths.map((path) => this.#likelyImporters(path)));
      const files = new Map(importers.flat().map((file) => [file.path, file]));
      for (const { file, imported, to } of await this.#resolve([...files.values()])) {
        const { line, specifier } = imported;
        for (const path of to.filter((each) => paths.includes(each))) {
          edges.push({ from: file.path, to: path, line, specifier, depth });
          if (!visited.has(file.path)) next.add(file.path);
        }
      }
      paths = this.#visit(next, visited);
    }
    return { edges, external: [], unresolved: [] };
  }

  /** Those of the next step, as many as may be visited at all. */
  #visit(next: ReadonlySet<string>, visited: Set<string>): string[] {
    const room = DEPENDENCY_FILES_MAX - visited.size;
    if (next.size > room) this.isCut = true;
    const paths = [...next].sort().slice(0, Math.max(0, room));
    for (const path of paths) visited.add(path);
    return paths;
  }

  /** Whoever imports a file has its name as a word: of those, the ones with imports. */
  async #likelyImporters(path: string): Promise<File[]> {
    const { database, tenantId, repository } = this.#tree;
    const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const words = new Set([
      importWord(path),
      ...(path.endsWith(".go") ? [importWord(directory)] : []),
    ]);
    const answers = await Promise.all(
      [...words].filter((word) => word !== "").map((word) => {
        const page = { tenantId, limit: PAGE_ITEMS_MAX, cursor: null };
        return database.findOccurrences(page, fold(word), repository);
      }),
    );
    const paths = answers.flatMap((answer) => {
      if (answer.outcome !== "ok") return [];
      if (answer.next_cursor !== null) this.isCut = true;
      return answer.files.map((file) => file.path);
    });
    // Read anew: an occurrence may be of another ref.
    return await this.files([...new Set(paths)]);
  }

  async #resolve(files: readonly File[]): Promise<Resolved[]> {
    const around = await this.#surroundings(files);
    const wanted = files.flatMap((file) =>
      file.imports.map((imported) => ({
        file,
        imported,
        paths: importPaths(file, imported, around),
      }))
    );
    const found = new Map<string, string[]>();
    const asked = [...new Set(wanted.flatMap(({ paths }) => paths))];
    for (const { asked: path, path: to } of await this.#look(asked, false)) {
      const known = found.get(path);
      if (known === undefined) found.set(path, [to]);
      else known.push(to);
    }
    return wanted.map(({ file, imported, paths }) => {
      const isList = imported.kind === "module" && file.language === "Python" ||
        imported.kind === "name" && imported.names.length > 1;
      const hits = paths.filter((path) => found.has(path));
      // `from a import b, c` may mean several modules; any other import means one thing.
      const meant = isList ? hits : hits.slice(0, 1);
      const to = meant.flatMap((path) => found.get(path) ?? []).filter((path) =>
        path !== file.path
      );
      return { file, imported, to: [...new Set(to)], isExternal: paths.length === 0 };
    });
  }

  async #surroundings(files: readonly File[]): Promise<Surroundings> {
    if (!files.some(({ language }) => language === "Go")) return { goModules: [] };
    this.#goModules ??= this.#readGoModules(files);
    return { goModules: await this.#goModules };
  }

  /** The modules of the files' own folders and those above. */
  async #readGoModules(files: readonly File[]): Promise<GoModule[]> {
    const folders = new Set(files.flatMap(({ path }) => {
      const parts = path.split("/").slice(0, -1);
      return ["", ...parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`)];
    }));
    const found = await this.#look([...folders].map((folder) => `${folder}go.mod`), false);
    const { database, tenantId, repository, ref } = this.#tree;
    const modules = await Promise.all(found.map(async ({ path }) => {
      const answer = await database.readFile(tenantId, {
        repository,
        ref,
        path,
        commitOid: null,
        firstLine: 1,
        lastLine: GO_MOD_LINES_MAX,
        withOutline: false,
      });
      const { text } = linesBetween(
        answer.outcome === "ok" ? answer.chunks : [],
        1,
        GO_MOD_LINES_MAX,
      );
      const name = /^module\s+"?([^\s"]+)/m.exec(text)?.[1];
      const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      return name === undefined ? [] : [{ name, directory }];
    }));
    return modules.flat();
  }

  async #look(paths: readonly string[], withOutlines: boolean) {
    if (paths.length === 0) return [];
    if (paths.length > LOOKED_UP_PATHS_MAX) this.isCut = true;
    const { database, tenantId, repository, ref } = this.#tree;
    const some = paths.slice(0, LOOKED_UP_PATHS_MAX);
    const answer = await database.readOutlines(tenantId, repository, ref, some, withOutlines);
    switch (answer.outcome) {
      case "ok":
        return answer.files;
      case "not_indexed":
        throw refNotIndexed();
      case "not_found":
        throw notFound();
    }
  }

  /** Throws when the ref has no such file. */
  async head(path: string) {
    const { database, tenantId, repository, ref } = this.#tree;
    const answer = await database.readOutlines(tenantId, repository, ref, [path], false);
    if (answer.outcome === "not_found") throw notFound();
    if (answer.outcome === "not_indexed") throw refNotIndexed();
    if (answer.files.length === 0 || path.endsWith("/")) {
      throw new ProblemError("file_not_found", "path: no such file in the indexed commit.");
    }
    const { repository: name, ref: fullRef, commit_oid } = answer;
    return { repository: name, ref: fullRef, commit_oid, path };
  }
}
