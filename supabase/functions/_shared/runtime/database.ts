/**
 * The typed client of the database: every SQL function of schema `api`, with connection faults
 * turned into the problems that a caller sees.
 */
import {
  type CallForBytes,
  type CallFunction,
  createBytesCaller,
  createFunctionCaller,
  DatabaseError,
  type DatabaseSettings,
} from "./database_call.ts";
import {
  deliveryFunctions,
  fleetFunctions,
  jobFunctions,
  registrationFunctions,
} from "./database_functions.ts";
import { importFunctions } from "./database_import_functions.ts";
import {
  navigationFunctions,
  overviewFunctions,
  searchFunctions,
} from "./database_index_functions.ts";
import { ProblemError, unavailable } from "./problem.ts";

/** A fault of the connection as the caller sees it; a fault of ours stays what it is. */
function toProblem(error: unknown, isSearch: boolean): unknown {
  if (!(error instanceof DatabaseError) || error.code === "failed") return error;
  const problem = error.code === "timeout" && isSearch
    ? new ProblemError("search_too_broad", "The search was stopped before it was done.")
    : unavailable("database_unavailable", "The database could not be asked.");
  problem.cause = error;
  return problem;
}

async function orProblem<Answer>(answer: Promise<Answer>, isSearch: boolean): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw toProblem(error, isSearch);
  }
}

function withProblems(call: CallFunction, isSearch: boolean): CallFunction {
  return (...parameters) => orProblem(call(...parameters), isSearch);
}

function searchForBytes(call: CallForBytes): CallForBytes {
  return (...parameters) => orProblem(call(...parameters), true);
}

/** Every function over the two ways of calling. */
function databaseOf(call: CallFunction, callForBytes: CallForBytes) {
  const plainCall = withProblems(call, false);
  return {
    ...registrationFunctions(plainCall),
    ...deliveryFunctions(plainCall),
    ...jobFunctions(plainCall),
    ...searchFunctions(withProblems(call, true), searchForBytes(callForBytes)),
    ...navigationFunctions(withProblems(call, true), searchForBytes(callForBytes)),
    ...importFunctions(withProblems(call, true)),
    ...overviewFunctions(withProblems(call, true)),
    ...fleetFunctions(plainCall),
  };
}

/** The typed client of schema `api`. */
export type Database = ReturnType<typeof databaseOf>;

/** The client over the Data API. */
export function createDatabase(settings: DatabaseSettings): Database {
  return databaseOf(createFunctionCaller(settings), createBytesCaller(settings));
}
