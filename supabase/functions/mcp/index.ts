/**
 * The edge function `mcp`: serves the handler with what the runtime offers.
 */
import {
  baseDependencies,
  githubDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleMcp } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies() };
serveFunction((request) => handleMcp(request, dependencies));
