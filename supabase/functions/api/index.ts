/**
 * The edge function `api`: serves the handler with what the runtime offers.
 */
import {
  baseDependencies,
  githubDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleApi } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies() };
serveFunction((request) => handleApi(request, dependencies));
