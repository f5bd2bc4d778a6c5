/**
 * The edge function `github-webhook`: serves the handler with what the runtime offers.
 */
import { baseDependencies, serveFunction } from "../_shared/runtime/environment.ts";
import { handleWebhook } from "./handler.ts";

const dependencies = baseDependencies();
serveFunction((request) => handleWebhook(request, dependencies));
