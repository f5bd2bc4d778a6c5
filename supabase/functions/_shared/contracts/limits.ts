/**
 * Every bound of the HTTP side, each with its unit last. What a plan allows a tenant is no constant
 * but a row of quarry.plans; what bounds the index belongs to the indexer.
 */

/** A JSON body of the API: the largest we know is a registration with a token. */
export const JSON_BODY_BYTES_MAX = 64 * 1024;

/**
 * A webhook body. GitHub sends up to 25 MB, but verifying and parsing that much takes half a second
 * of the two that a request has and most of its memory; 2,048 commits need about half of this.
 */
export const WEBHOOK_BODY_BYTES_MAX = 5 * 1024 * 1024;

/** A literal to search, in UTF-16 code units. */
export const QUERY_UNITS_MAX = 1_000;
/** A symbol's name: longer ones are cut at this length in the index. */
export const SYMBOL_NAME_UNITS_MAX = 255;
/** Lines shown before and after a match. */
export const CONTEXT_LINES_MAX = 10;
/** What one search reads: up to 6 KiB of text each. The cursor goes on where it stopped. */
export const SEARCH_CHUNKS_MAX = 4_096;
/** How long a search goes on asking for more: of the two seconds that a request may compute. */
export const SEARCH_WORK_MILLISECONDS_MAX = 1_200;
/** Reading requests that one instance works on beside which a search may take all of that; of more its share. */
export const SEARCHES_IN_FULL_MAX = 3;
/**
 * Requests that read which one instance works on at once, how many more may wait, and for how long. Most
 * at work have one or two calls of the database at a time, a walk over what a change reaches up to
 * twenty; the database takes some ten at once and lets the others wait.
 */
export const READS_AT_ONCE_MAX = 8;
export const READS_WAITING_MAX = 256;
export const READ_WAIT_MILLISECONDS_MAX = 3_000;
/**
 * How long one batch of a search is verified, which ends it in the midst of a file: what a regular
 * expression costs is not known before. What a page has shown of a batch is verified again for the
 * next one, and gets more, since it must come to the same.
 */
export const SEARCH_VERIFY_MILLISECONDS_MAX = 1_200;
export const SEARCH_VERIFY_AGAIN_MILLISECONDS_MAX = 1_800;
/** The text of a matching line in an answer, in UTF-16 code units. */
export const MATCH_TEXT_UNITS_MAX = 1_000;

/** Definitions and imports of a file in one answer. */
export const OUTLINE_ENTRIES_MAX = 2_000;
/** Lines of a file in one answer, and the UTF-16 code units they have at most. */
export const FILE_LINES_MAX = 2_000;
export const FILE_TEXT_UNITS_MAX = 256 * 1024;
/** How many imports a walk over dependencies goes, and how many files it visits at most. */
export const DEPENDENCY_DEPTH_MAX = 5;
export const DEPENDENCY_FILES_MAX = 200;
/** How far a change is followed when nothing is said: tests are rarely one step away. */
export const IMPACT_DEPTH_DEFAULT = 3;
/** Candidates that are looked up at once: what the imports of a walk's files may mean. */
export const CANDIDATES_MAX = 20_000;
/** Files of one folder, namespace or end of a path that one import may mean. */
export const MEANT_FILES_MAX = 100;
/** Manifests and settings that are read to know what imports mean, and chunks of up to 6 KiB of each. */
export const CONFIGURATION_FILES_MAX = 300;
export const CONFIGURATION_CHUNKS_MAX = 8;
/** Files that are read to find the ones that import a file. */
export const IMPORTER_FILES_MAX = 200;
/** Packages whose own files are looked up in one step, and names of each: those of a folder have dozens. */
export const PACKAGES_MAX = 8;
export const PACKAGE_NAMES_MAX = 100;
/** Names of a schema, which has hundreds and is one package alone: as many as all packages of a step have. */
export const SCHEMA_NAMES_MAX = PACKAGES_MAX * PACKAGE_NAMES_MAX;
/** How many calls a walk goes, and what it looks up in each step at most: files, and names. */
export const CALL_DEPTH_MAX = 4;
export const CALL_FILES_MAX = 150;
export const CALL_NAMES_MAX = 40;
/** Definitions of one name whose calls are followed, where nothing tells which is meant. */
export const CALL_TARGETS_MAX = 20;
/** Calls of an answer, the nearest first: some 300 bytes each. */
export const CALLS_MAX = 1_000;
/** Files in which circles of imports are looked for, where no file is given. */
export const CYCLE_FILES_MAX = 2_000;
/** Files of a page of unused definitions. */
export const UNUSED_FILES_MAX = 50;
/** Names of such a page that are counted in other files: some 0.4 ms of the database each. */
export const UNUSED_NAMES_MAX = 4_000;
/** An overview: folders and names that it lists, and files in which it counts uses. */
export const OVERVIEW_ITEMS_MAX = 20;
export const OVERVIEW_FILES_MAX = 200;
/** Definitions that are ranked for one answer: the outlines of their files are read. */
export const RANKED_DEFINITIONS_MAX = 120;
/** A path as a caller gives it, in UTF-16 code units. */
export const PATH_UNITS_MAX = 2_560;

/** Items of a list, matches of a search: what a page has when nothing is asked for, and at most. */
export const PAGE_ITEMS_DEFAULT = 50;
export const PAGE_ITEMS_MAX = 200;

/** Data that only an old cursor can see is kept for 20 minutes, twice a cursor's life. */
export const CURSOR_LIFE_SECONDS = 600;
/**
 * A path in the index. Git has no bound for paths; an index row of PostgreSQL has one of 2,704 bytes
 * and holds a path, its hash and three numbers. The one bound here that the indexer shares.
 */
export const PATH_BYTES_MAX = 2_560;
/** A cursor holds a path in hexadecimal, and all of it is written in base64. */
export const CURSOR_UNITS_MAX = 12_000;

/** A full ref: as long as the column that stores it. */
export const REF_UNITS_MAX = 255;
/** A token of a code host. Today's longest are about 520 characters. */
export const TOKEN_UNITS_MAX = 1_000;

/** One call of an SQL function that only reads or writes a few rows. */
export const DATABASE_CALL_MILLISECONDS_MAX = 10_000;
/** One look of health; whoever watches asks again soon and should not wait for an answer of "no". */
export const HEALTH_CALL_MILLISECONDS_MAX = 3_000;
/** One search: a little more than the database's own statement timeout of 8 s. */
export const SEARCH_CALL_MILLISECONDS_MAX = 12_000;
/** One request to the code host. GitHub itself gives up after 10 s. */
export const GITHUB_CALL_MILLISECONDS_MAX = 8_000;
/** One request to the Machines API; a start takes less than a second. */
export const FLY_CALL_MILLISECONDS_MAX = 8_000;
/** Creating a machine, which pulls its image: about 10 s. */
export const FLY_CREATE_MILLISECONDS_MAX = 20_000;
/** A whole dispatch; below the 60 s after which a launch that was not heard of is given up. */
export const DISPATCH_MILLISECONDS_MAX = 45_000;

/** Pending hooks that one dispatch finishes at most. */
export const HOOKS_PER_DISPATCH_MAX = 10;
/** Machines created at once; the Machines API takes one create a second, in bursts of three. */
export const LAUNCHES_AT_ONCE_MAX = 3;
/** How often one dispatch plans anew after launches that failed. */
export const LAUNCH_ROUNDS_MAX = 6;
/** A longer pause that the platform wants is left to the sweep, which wakes every 10 s. */
export const LAUNCH_PAUSE_SECONDS_MAX = 5;
/** Creates of one name in one region, when the answers are unclear. */
export const CREATE_TRIES_MAX = 3;
/** Starts of one machine: together they wait the few seconds in which a machine comes to rest. */
export const START_TRIES_MAX = 5;

/** Each worker holds a connection for its work and one for its heartbeat. */
export const CONNECTIONS_PER_MACHINE_MAX = 2;
/** Of the 60 of the smallest hosted database, the rest is for the Data API, cron and people. */
export const FLEET_CONNECTIONS_MAX = 40;
/** The fleet limit follows from the connections; a deployment may set a lower one. */
export const FLEET_MACHINES_MAX = FLEET_CONNECTIONS_MAX / CONNECTIONS_PER_MACHINE_MAX;

/** Refs that one request may name; how many a repository may follow is the plan's to say. */
export const REFS_PER_REQUEST_MAX = 200;
