/** The words of SQL, in any dialect, by what they say of what stands behind them. Data alone. */
import type { ReferenceRole } from "../../symbol.ts";
import { wordSet } from "../../tokens/lexis.ts";

/** Words in front of a table or a view, and what is done with it. */
export const TABLES: ReadonlyMap<string, ReferenceRole> = new Map([
  ["analyze", "read"],
  ["copy", "write"],
  ["exec", "call"],
  ["from", "read"],
  ["inherits", "read"],
  ["insert", "write"],
  ["into", "write"],
  ["join", "read"],
  ["like", "read"],
  ["of", "read"],
  ["on", "read"],
  ["references", "read"],
  ["returns", "type"],
  ["setof", "type"],
  ["table", "read"],
  ["truncate", "write"],
  ["update", "write"],
  ["using", "read"],
  ["vacuum", "read"],
]);

/** Those behind which several may be named: `from a, b`. */
export const LISTING = wordSet("from truncate update using");

/** What ends such a list. */
export const ENDS_LIST = wordSet(
  "cascade do end except fetch for from group having intersect is limit minus offset order restrict returning select " +
    "set to union values when where window with",
);

/** What may stand between those words and the name. */
export const BETWEEN = wordSet("concurrently exists if lateral not only table");

/** Words that begin a statement about something, and what it may be, but for tables. */
export const ABOUT = wordSet("alter comment create drop grant refresh revoke");
export const KINDS = wordSet(
  "aggregate domain function index policy procedure routine rule schema sequence statistics trigger type view",
);
/** Those of them that are of a table, which is named behind an `on`. */
export const PARTS = wordSet("index policy rule statistics trigger");
/** What may stand between the first word and the kind. */
export const MODIFIERS = wordSet(
  "alter clustered constraint editionable event external force foreign fulltext global local materialized " +
    "nonclustered noneditionable or primary recursive replace spatial temp temporary unique unlogged virtual xml",
);

/** Words behind which a statement begins. */
export const STARTS = wordSet("begin do else go loop then");

/** Words that are no name behind any of these. */
export const NO_NAMES = wordSet(
  "all analyze as cascade column conflict constraint create database default delete delimited domain exists extension false for full " +
    "function group if ignore index insert into low_priority materialized not of on or order policy procedure program " +
    "routine rule schema select sequence set stdin stdout to trigger true type update values verbose view where with",
);

/** Types that the language has, and what may stand behind a column that has none. */
export const NO_TYPES = wordSet(
  "array auto_increment autoincrement bigint bigserial binary bit blob bool boolean box bytea char character check cidr collate citext clob cursor date datetime " +
    "datetime2 datetimeoffset dec decimal double enum fixed float float4 float8 generated geography geometry hstore " +
    "image inet int int2 int4 int8 int64 integer interval json jsonb longblob longtext macaddr mediumblob mediumint " +
    "mediumtext money name national nchar ntext null number numeric nvarchar nvarchar2 oid point primary raw real record " +
    "regclass regproc regprocedure regrole regtype rowversion serial serial4 serial8 set setof smalldatetime smallint " +
    "smallmoney smallserial sql_variant string table text time timestamp timestamptz timetz tinyblob tinyint " +
    "tinytext trigger tsquery tsvector unique uniqueidentifier unsigned uuid varbinary varbit varchar varchar2 void xml year",
);

/** Words in front of a name that is none of a function: `as a(b int)`, `key a (b)`. */
export const BEFORE_NAMES = wordSet("as constraint index key partition unique");

/** Words in front of a parenthesis that are no functions. */
export const NO_CALLS = wordSet(
  "add all analyze and any apply array as begin between bigint binary bit blob by bytea call case cast char char2 " +
    "character check clob clustered coalesce column columns columnstore conflict constraint cube datetime datetime2 " +
    "datetimeoffset decimal declare default distinct double drop else elseif elsif end enum except exclude execute " +
    "exec exists explain filter float foreign from generated greatest group grouping having identity if in include " +
    "index inherits insert int integer intersect interval into is join key lateral least like limit list loop " +
    "materialized mediumint minus modify nchar nclob nonclustered not null nullif number numeric nvarchar " +
    "nvarchar2 offset on only operator option options or order output over partition perform pivot precision primary print range " +
    "raw real recursive references return returning returns rollup row rows select set sets smallint some system_time table text " +
    "than then time timestamp timestamptz tinyint to top trim tuple type union unique unpivot update using vacuum values varbinary " +
    "varbit varchar varchar2 varying view when where while with within btree hash gin gist brin",
);
