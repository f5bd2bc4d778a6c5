// Finds the SQL function that a /rpc request means and writes the statement that calls it.
// Knows pg_proc and PostgREST's rules of choice; does not know HTTP.

import type { Sql } from "postgres";
import { type RestError, restError } from "./rest_errors.ts";

/** One candidate for a name, as pg_proc has it. */
export interface SqlFunction {
  readonly schema: string;
  readonly name: string;
  readonly parameters: readonly { name: string; type: string; required: boolean }[];
  readonly isVoid: boolean;
  readonly isSet: boolean;
  /** Its result is one value; otherwise a row. */
  readonly isScalar: boolean;
  /** The media type that its result is as it stands: the name of the domain that it returns. */
  readonly mediaType: string | null;
  /** STABLE and IMMUTABLE functions run in a read-only transaction. */
  readonly isVolatile: boolean;
  /** `set statement_timeout` of the function, which PostgREST sets before it calls. */
  readonly statementTimeout: string | null;
}

interface FunctionRow {
  names: string[] | null;
  types: string[];
  defaults: number;
  returns: string;
  is_set: boolean;
  is_scalar: boolean;
  is_volatile: boolean;
  media_type: string | null;
  config: string[] | null;
}

/** Every function of that name in the schema. */
export async function readFunctions(
  sql: Sql,
  schema: string,
  name: string,
): Promise<SqlFunction[]> {
  const rows = await sql<FunctionRow[]>`
    select
      to_json(p.proargnames) as names,
      to_json(array(select format_type(t, null) from unnest(p.proargtypes) with ordinality as a (t, n)
                    order by n)) as types,
      p.pronargdefaults as defaults,
      p.prorettype::regtype::text as returns,
      p.proretset as is_set,
      r.typtype <> 'c' and p.prorettype <> 'record'::regtype as is_scalar,
      p.provolatile = 'v' as is_volatile,
      case when r.typbasetype = 'bytea'::regtype and not p.proretset and r.typname ~ '^[A-Za-z0-9.-]+/[A-Za-z0-9.+-]+$'
        then lower(r.typname) end as media_type,
      to_json(p.proconfig) as config
    -- Arrays as JSON: these connections have learned no array types.
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    join pg_catalog.pg_type r on r.oid = p.prorettype
    where n.nspname = ${schema} and p.proname = ${name} and p.prokind = 'f'`;
  return rows.map((row) => ({
    schema,
    name,
    parameters: row.types.map((type, index) => ({
      // Input parameters come first in proargnames when none is an output in between.
      name: row.names?.[index] ?? "",
      type,
      required: index < row.types.length - row.defaults,
    })),
    isVoid: row.returns === "void",
    isSet: row.is_set,
    isScalar: row.is_scalar,
    isVolatile: row.is_volatile,
    mediaType: row.media_type,
    statementTimeout:
      row.config?.find((entry) => entry.startsWith("statement_timeout="))?.split("=")[1] ?? null,
  }));
}

/** The one candidate that takes exactly these arguments, defaults filling the rest. */
export function chooseFunction(
  candidates: readonly SqlFunction[],
  schema: string,
  name: string,
  given: readonly string[],
): SqlFunction | RestError {
  const fitting = candidates.filter(({ parameters }) =>
    given.every((argument) => parameters.some((parameter) => parameter.name === argument)) &&
    parameters.every((parameter) => !parameter.required || given.includes(parameter.name))
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const call = `${schema}.${name}`;
  if (fitting.length > 1) {
    const message = `Could not choose the best candidate function between: ${
      fitting.map((candidate) => signatureOf(candidate)).join(", ")
    }`;
    return restError(300, "PGRST203", message, {
      hint: "Try renaming the parameters or the function itself in the database so function " +
        "overloading can be resolved",
    });
  }
  const list = given.join(", ");
  const message = given.length === 0
    ? `Could not find the function ${call} without parameters in the schema cache`
    : `Could not find the function ${call}(${list}) in the schema cache`;
  const details = `Searched for the function ${call} ${
    given.length === 0 ? "without parameters" : `with parameters ${list}`
  }, but no matches were found in the schema cache.`;
  return restError(404, "PGRST202", message, { details });
}

/**
 * A statement with one parameter (the arguments as JSON text; none when nothing is given) and one
 * column, body: the JSON of the answer, null for void; with `isAsItStands` the result's bytes.
 */
export function callStatement(
  target: SqlFunction,
  given: readonly string[],
  rowsMax: number,
  isAsItStands: boolean,
): string {
  const taken = target.parameters.filter((parameter) => given.includes(parameter.name));
  const columns = taken.map(({ name, type }) => `${quote(name)} ${type}`).join(", ");
  const passed = taken.map(({ name }) => `${quote(name)} => _arguments.${quote(name)}`);
  const source = taken.length === 0
    ? ""
    : `json_to_record($1::text::json) as _arguments(${columns}), lateral `;
  const call = `${quote(target.schema)}.${quote(target.name)}(${passed.join(", ")})`;
  const from = `from ${source}${call} as r${target.isScalar ? "(v)" : ""}`;
  const value = target.isScalar ? "r.v" : "r";
  if (target.isVoid) return `select null as body ${from}`;
  if (isAsItStands) return `select ${value}::bytea as body ${from}`;
  if (!target.isSet) return `select to_json(${value})::text as body ${from}`;
  return `select coalesce(json_agg(s.v), '[]')::text as body ` +
    `from (select ${value} as v ${from} limit ${rowsMax}) as s`;
}

function signatureOf({ schema, name, parameters }: SqlFunction): string {
  const list = parameters.map((parameter) => `${parameter.name} => ${parameter.type}`).join(", ");
  return `${schema}.${name}(${list})`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
