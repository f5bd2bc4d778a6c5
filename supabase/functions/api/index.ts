/**
 * The edge function `api`: serves the handler with what the runtime offers.
 */
import { forAnyClient } from "../_shared/runtime/any_client.ts";
import {
  baseDependencies,
  githubDependencies,
  serveFunction,
} from "../_shared/runtime/environment.ts";
import { handleApi } from "./handler.ts";

const dependencies = { ...baseDependencies(), ...githubDependencies() };
serveFunction(forAnyClient((request) => handleApi(request, dependencies)));
