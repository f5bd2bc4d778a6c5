// Queries as people type them, each with the file that answers it best: chosen from what the files are
// for, before the ranking was looked at. The repositories are public and pinned.

/** A repository by the name of its clone, and the commit that is searched. */
export interface PinnedRepository {
  readonly name: string;
  readonly commitOid: string;
}

export const rankingRepositories: readonly PinnedRepository[] = [
  { name: "sourcegraph/zoekt", commitOid: "c4d8f3537f7a67423835d8cf6b0e1d13e68e0b4c" },
  { name: "vuejs/core", commitOid: "e2bede96134f757aad5c5b33ac9be055022dbfc8" },
  { name: "redis/redis", commitOid: "4f8cdc2a1ea53e42955af758aabffee67cb455dd" },
  { name: "fmtlib/fmt", commitOid: "60ccad511fd680cb91d8b60a315759f71c67bef9" },
  { name: "sphinx-doc/sphinx", commitOid: "e44a40eb2f810558ccd9da1425421270ccb81351" },
];

/** A query, and the best file in its repository. */
export type RankingQuery = readonly [query: string, repository: string, file: string];

const zoekt = "sourcegraph/zoekt";
const vue = "vuejs/core";
const redis = "redis/redis";
const fmt = "fmtlib/fmt";
const sphinx = "sphinx-doc/sphinx";

/** Every fourth is held out: no point of the ranking was ever set by it. */
export const rankingQueries: readonly RankingQuery[] = [
  ["shards searcher", zoekt, "search/shards.go"],
  ["parse query", zoekt, "query/parse.go"],
  ["ShardBuilder", zoekt, "index/shard_builder.go"],
  ["bm25 score", zoekt, "index/score.go"],
  ["merge shards", zoekt, "index/merge.go"],
  ["directory watcher", zoekt, "search/watcher.go"],
  ["ctags parser", zoekt, "internal/ctags/parser.go"],
  ["tombstone", zoekt, "index/tombstones.go"],
  ["mirror gitlab", zoekt, "cmd/zoekt-mirror-gitlab/main.go"],
  ["repo cache", zoekt, "gitindex/repocache.go"],
  ["newMatchTree", zoekt, "index/matchtree.go"],
  ["indexing queue priority", zoekt, "cmd/zoekt-sourcegraph-indexserver/queue.go"],
  ["createReactiveObject", vue, "packages/reactivity/src/reactive.ts"],
  ["ReactiveEffect", vue, "packages/reactivity/src/effect.ts"],
  ["ref unwrap", vue, "packages/reactivity/src/ref.ts"],
  ["KeepAlive cache", vue, "packages/runtime-core/src/components/KeepAlive.ts"],
  ["flushJobs", vue, "packages/runtime-core/src/scheduler.ts"],
  ["hydrate mismatch", vue, "packages/runtime-core/src/hydration.ts"],
  ["vModelCheckbox", vue, "packages/runtime-dom/src/directives/vModel.ts"],
  ["props destructure", vue, "packages/compiler-sfc/src/script/definePropsDestructure.ts"],
  ["renderToString", vue, "packages/server-renderer/src/renderToString.ts"],
  ["tokenizer state", vue, "packages/compiler-core/src/tokenizer.ts"],
  ["custom element shadow root", vue, "packages/runtime-dom/src/apiCustomElement.ts"],
  ["teleport target", vue, "packages/runtime-core/src/components/Teleport.ts"],
  ["escapeHtml", vue, "packages/shared/src/escapeHtml.ts"],
  ["normalizeClass", vue, "packages/shared/src/normalizeProp.ts"],
  ["zset skiplist insert", redis, "src/t_zset.c"],
  ["rdb save background", redis, "src/rdb.c"],
  ["aof rewrite", redis, "src/aof.c"],
  ["active expire cycle", redis, "src/expire.c"],
  ["eviction pool", redis, "src/evict.c"],
  ["clusterNode slots gossip", redis, "src/cluster_legacy.c"],
  ["listpack encode", redis, "src/listpack.c"],
  ["hyperloglog count", redis, "src/hyperloglog.c"],
  ["sdscatprintf", redis, "src/sds.c"],
  ["pubsub subscribe channel", redis, "src/pubsub.c"],
  ["geohash encode", redis, "src/geohash.c"],
  ["slowlog entry", redis, "src/slowlog.c"],
  ["client output buffer limit", redis, "src/networking.c"],
  ["dict rehash", redis, "src/dict.c"],
  ["acl selector", redis, "src/acl.c"],
  ["chrono duration format", fmt, "include/fmt/chrono.h"],
  ["ostream formatter", fmt, "include/fmt/ostream.h"],
  ["terminal color", fmt, "include/fmt/color.h"],
  ["printf context", fmt, "include/fmt/printf.h"],
  ["range formatter", fmt, "include/fmt/ranges.h"],
  ["linkcheck builder", sphinx, "sphinx/builders/linkcheck.py"],
  ["load inventory intersphinx", sphinx, "sphinx/ext/intersphinx/_load.py"],
  ["generate autosummary", sphinx, "sphinx/ext/autosummary/generate.py"],
  ["LaTeXTranslator", sphinx, "sphinx/writers/latex.py"],
  ["google docstring", sphinx, "sphinx/ext/napoleon/docstring.py"],
  ["toctree resolve", sphinx, "sphinx/environment/adapters/toctree.py"],
  ["EventManager emit", sphinx, "sphinx/events.py"],
  ["theme options", sphinx, "sphinx/theming.py"],
];

/** Of how many queries one is held out. */
export const HELD_OUT_EVERY = 4;
