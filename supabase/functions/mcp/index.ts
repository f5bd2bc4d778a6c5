/**
 * The edge function `mcp`: serves the handler with what the runtime offers.
 */
import { forAnyClient } from "../_shared/runtime/any_client.ts";
import {
  baseDependencies,
  githubDependencies,
  serveFunction,
  sleep,
} from "../_shared/runtime/environment.ts";
import { handleMcp } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies(), sleep };
serveFunction(forAnyClient((request) => handleMcp(request, dependencies)));
