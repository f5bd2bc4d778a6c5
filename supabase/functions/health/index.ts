/**
 * The edge function `health`: serves the handler with what the runtime offers.
 */
import { forAnyClient } from "../_shared/runtime/any_client.ts";
import {
  baseDependencies,
  operatorDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleHealth } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...operatorDependencies() };
serveFunction(forAnyClient((request) => handleHealth(request, dependencies)));
