// What each process of the stack is told by its environment: the tables of docs/environment.md with
// local values. Pure: addresses and secrets come in, variables go out.

import { newSecret } from "../api_key.ts";

export const FLY_APP_NAME = "quarry-indexer";

/** Everything that is random in a stack. */
export interface StackSecrets {
  /** The Data API's keys, as the platform makes them. */
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly githubToken: string;
  readonly flyToken: string;
  readonly operatorToken: string;
  readonly wakeSecret: string;
  readonly indexerPassword: string;
}

/** Where the stack's servers listen. */
export interface StackAddresses {
  readonly projectUrl: string;
  readonly functionsUrl: string;
  readonly githubUrl: string;
  readonly githubApiUrl: string;
  readonly machinesUrl: string;
}

/** New secrets, each of 256 random bits and with the prefix by which its kind is known. */
export function newSecrets(): StackSecrets {
  return {
    secretKey: `sb_secret_${newSecret()}`,
    publishableKey: `sb_publishable_${newSecret()}`,
    githubToken: `ghp_${newSecret()}`,
    flyToken: `fm2_${newSecret()}`,
    operatorToken: newSecret(),
    wakeSecret: newSecret(),
    indexerPassword: newSecret(),
  };
}

/** The edge functions' whole environment. */
export function functionsEnvironment(
  { projectUrl, functionsUrl, githubUrl, githubApiUrl, machinesUrl }: StackAddresses,
  secrets: StackSecrets,
): Record<string, string> {
  return {
    SUPABASE_URL: projectUrl,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
    PUBLIC_FUNCTIONS_URL: functionsUrl,
    GITHUB_API_URL: githubApiUrl,
    GITHUB_TOKEN: secrets.githubToken,
    ALLOWED_GIT_HOSTS: `github.com,${new URL(githubUrl).host}`,
    FLY_API_BASE_URL: machinesUrl,
    FLY_API_TOKEN: secrets.flyToken,
    FLY_APP_NAME,
    FLY_IMAGE: "local",
    FLY_REGIONS: "local",
    OPERATOR_TOKEN: secrets.operatorToken,
  };
}

/** Where a machine finds the rest, and may write. */
export interface MachinePlaces {
  readonly databasePort: number;
  readonly gitBaseUrl: string;
  readonly workDirectory: string;
  readonly compileCacheDirectory: string;
}

/** The Fly app's secrets and what its image sets: in every machine. */
export function machineSecrets(
  { databasePort, gitBaseUrl, workDirectory, compileCacheDirectory }: MachinePlaces,
  { indexerPassword }: StackSecrets,
): Record<string, string> {
  return {
    DATABASE_URL:
      `postgresql://quarry_indexer:${indexerPassword}@127.0.0.1:${databasePort}/postgres`,
    GIT_BASE_URL: gitBaseUrl,
    WORK_DIR: workDirectory,
    NODE_COMPILE_CACHE: compileCacheDirectory,
  };
}
