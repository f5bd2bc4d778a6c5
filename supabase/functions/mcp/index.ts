/**
 * The edge function `mcp`: serves the handler with what the runtime offers.
 */
import {
  baseDependencies,
  githubDependencies,
  serveFunction,
  sleep,
} from "../_shared/runtime/environment.ts";
import { handleMcp } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies(), sleep };
serveFunction((request) => handleMcp(request, dependencies));
