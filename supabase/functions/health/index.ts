/**
 * The edge function `health`: serves the handler with what the runtime offers.
 */
import {
  baseDependencies,
  operatorDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleHealth } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...operatorDependencies() };
serveFunction((request) => handleHealth(request, dependencies));
