/**
 * What the functions are told by their environment, parsed once at start. Each function reads the
 * part that it needs, so that a missing Fly token does not stop a search. Pure: the environment is
 * an argument.
 */
import { z } from "zod";
import {
  CONNECTIONS_PER_MACHINE_MAX,
  FLEET_CONNECTIONS_MAX,
  FLEET_MACHINES_MAX,
} from "../contracts/limits.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const secret = z.string().min(1);
const commaList = z.string().transform((list) =>
  list.split(",").map((item) => item.trim()).filter((item) => item !== "")
);

const keyDictionary = z.string().transform((json, context) => {
  try {
    return z.object({ default: secret }).parse(JSON.parse(json)).default;
  } catch {
    context.addIssue("must be a JSON object with a key named default");
    return z.NEVER;
  }
});

/** In base64: neither secrets nor files of variables hold several lines everywhere. */
const certificates = z.string().transform((base64, context) => {
  try {
    const pem = atob(base64);
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  } catch {
    // It is not even base64.
  }
  context.addIssue("must be certificates as PEM, in base64");
  return z.NEVER;
});

const databaseVariables = z.object({
  SUPABASE_URL: address,
  SUPABASE_SECRET_KEYS: keyDictionary.optional(),
  SUPABASE_SECRET_KEY: secret.optional(),
  SUPABASE_SERVICE_ROLE_KEY: secret.optional(),
}).transform((variables, context) => {
  const secretKey = variables.SUPABASE_SECRET_KEYS ?? variables.SUPABASE_SECRET_KEY ??
    variables.SUPABASE_SERVICE_ROLE_KEY;
  if (secretKey === undefined) {
    context.addIssue("SUPABASE_SECRET_KEYS is not set, nor one of its older forms");
    return z.NEVER;
  }
  return { supabaseUrl: variables.SUPABASE_URL, secretKey };
});

const githubVariables = z.object({
  SUPABASE_URL: address,
  GITHUB_API_URL: address.default("https://api.github.com"),
  GITHUB_TOKEN: secret.optional(),
  PUBLIC_FUNCTIONS_URL: address.optional(),
  ALLOWED_GIT_HOSTS: commaList.default(["github.com"]),
}).transform((variables) => ({
  apiUrl: variables.GITHUB_API_URL,
  githubToken: variables.GITHUB_TOKEN ?? null,
  publicFunctionsUrl: variables.PUBLIC_FUNCTIONS_URL ??
    `${variables.SUPABASE_URL}/functions/v1`,
  allowedGitHosts: variables.ALLOWED_GIT_HOSTS,
}));

const flyVariables = z.object({
  FLY_API_BASE_URL: address.default("https://api.machines.dev"),
  FLY_API_TOKEN: secret,
  FLY_APP_NAME: z.string().min(1),
  FLY_IMAGE: z.string().min(1),
  FLY_REGIONS: commaList.default([]),
  FLY_MACHINES_MAX: z.coerce.number().int().min(1).max(
    FLEET_MACHINES_MAX,
    `is above ${FLEET_MACHINES_MAX}: each machine holds ${CONNECTIONS_PER_MACHINE_MAX} of the ` +
      `${FLEET_CONNECTIONS_MAX} database connections that the fleet may use`,
  ).default(FLEET_MACHINES_MAX),
}).transform((variables) => ({
  apiBaseUrl: variables.FLY_API_BASE_URL,
  apiToken: variables.FLY_API_TOKEN,
  appName: variables.FLY_APP_NAME,
  image: variables.FLY_IMAGE,
  regions: variables.FLY_REGIONS,
  machinesMax: variables.FLY_MACHINES_MAX,
}));

const trustVariables = z.object({ PRIVATE_CA: certificates.optional() })
  .transform((variables) => ({ privateCa: variables.PRIVATE_CA ?? null }));

/** A short operator token could be guessed; none at all means that nobody is the operator. */
const operatorVariables = z.object({ OPERATOR_TOKEN: z.string().min(16).optional() })
  .transform((variables) => ({ operatorToken: variables.OPERATOR_TOKEN ?? null }));

/** Names what is wrong and never a value. */
function read<Schema extends z.ZodType>(schema: Schema, variables: Variables): z.infer<Schema> {
  // A variable that is set to nothing counts as not set.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(`the environment is not complete: ${problems.join("; ")}`);
}

/** Where the database is. */
export const readDatabaseSettings = (variables: Variables) => read(databaseVariables, variables);
/** The code host, and whose repositories are welcome. */
export const readGithubSettings = (variables: Variables) => read(githubVariables, variables);
/** Where machines run. */
export const readFlySettings = (variables: Variables) => read(flyVariables, variables);
/** Whom calls to code host and machines trust besides the public authorities. */
export const readTrustSettings = (variables: Variables) => read(trustVariables, variables);
/** Who may see the figures. */
export const readOperatorSettings = (variables: Variables) => read(operatorVariables, variables);
