/**
 * The edge function `dispatch`: serves the handler with what the runtime offers.
 */
import {
  baseDependencies,
  flyDependencies,
  githubDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleDispatch } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies(), ...flyDependencies() };
serveFunction((request) => handleDispatch(request, dependencies));
