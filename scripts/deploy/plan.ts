// The steps of a deployment, in order, as data. docs/deploy.md shows a person the same steps; a test
// holds the two together. Texts name settings as {{NAME}}. Runs nothing.

import { asShell } from "./settings.ts";

/** A file that lives only while its step runs, since it holds secrets. */
export interface StepFile {
  readonly path: string;
  readonly text: string;
}

/** A program, or a request over HTTP. Every step may be repeated. */
export type Step =
  | {
    readonly kind: "command";
    readonly title: string;
    readonly file?: StepFile;
    /** The program reads the step's file as its standard input. */
    readonly fileIsInput?: boolean;
    /** Words apart by single spaces; a setting is always one word. */
    readonly command: string;
  }
  | {
    readonly kind: "request";
    readonly title: string;
    readonly method: "GET" | "PATCH";
    readonly url: string;
    readonly body?: string;
    readonly token?: string;
    /** Asked again until it answers 2xx, so long at most. */
    readonly secondsMax: number;
  };

const folder = ".local/deploy";
const project = "--project-ref {{SUPABASE_PROJECT_REF}}";

/** Secrets of the functions besides what the platform gives them. */
export const functionSecrets = [
  "ALLOWED_GIT_HOSTS",
  "FLY_API_BASE_URL",
  "FLY_API_TOKEN",
  "FLY_APP_NAME",
  "FLY_IMAGE",
  "FLY_REGIONS",
  "GITHUB_API_URL",
  "GITHUB_TOKEN",
  "OPERATOR_TOKEN",
  "PUBLIC_FUNCTIONS_URL",
] as const;

// One statement, since the CLI prepares it; and no statement log takes a password from inside it.
const databaseSettings = `do $settings$
declare
  v_name text;
  v_value text;
begin
  execute format('alter role quarry_indexer password %L', '{{INDEXER_PASSWORD}}');
  for v_name, v_value in
    values ('dispatch_url', '{{PUBLIC_FUNCTIONS_URL}}/dispatch'), ('wake_secret', '{{WAKE_SECRET}}')
  loop
    delete from vault.secrets where name = v_name;
    perform vault.create_secret(v_value, v_name);
  end loop;
end
$settings$
`;

/** What the Data API of the hosted project exposes: [api] of supabase/config.toml. */
export const exposedApi = { db_schema: "api", db_extra_search_path: "", max_rows: 1000 };

/** From an empty project and an empty app, or from an earlier deployment, to this commit. */
export const deploySteps: readonly Step[] = [
  {
    kind: "command",
    title: "Apply the migrations",
    command: "npx supabase db push --db-url {{SUPABASE_DB_URL}} --yes",
  },
  {
    kind: "command",
    title: "Give the indexer's role its password and the database its secrets",
    file: { path: `${folder}/settings.sql`, text: databaseSettings },
    command: `npx supabase db query --db-url {{SUPABASE_DB_URL}} --file ${folder}/settings.sql`,
  },
  {
    kind: "request",
    title: "Expose the schema api, and nothing else",
    method: "PATCH",
    url: "{{SUPABASE_API_URL}}/v1/projects/{{SUPABASE_PROJECT_REF}}/postgrest",
    token: "{{SUPABASE_ACCESS_TOKEN}}",
    body: JSON.stringify(exposedApi),
    secondsMax: 10,
  },
  {
    kind: "command",
    title: "Tell every machine where the database and the repositories are",
    file: {
      path: `${folder}/indexer.env`,
      text: [
        "DATABASE_URL={{INDEXER_DATABASE_URL}}\n",
        "DATABASE_CA={{DATABASE_CA}}\n",
        "GIT_BASE_URL={{GIT_BASE_URL}}\n",
      ].join(""),
    },
    fileIsInput: true,
    command: "fly secrets import --stage --app {{FLY_APP_NAME}}",
  },
  {
    kind: "command",
    title: "Build and push the indexer's image",
    command: "fly deploy --build-only --push --image-label {{COMMIT}} --app {{FLY_APP_NAME}}",
  },
  {
    kind: "command",
    title: "Set the secrets of the functions",
    file: {
      path: `${folder}/functions.env`,
      text: functionSecrets.map((name) => `${name}="{{${name}}}"\n`).join(""),
    },
    command: `npx supabase secrets set ${project} --env-file ${folder}/functions.env`,
  },
  {
    kind: "command",
    title: "Deploy the functions",
    command: `npx supabase functions deploy --use-api ${project}`,
  },
  {
    kind: "request",
    title: "Ask the deployment how it is",
    method: "GET",
    url: "{{PUBLIC_FUNCTIONS_URL}}/health",
    secondsMax: 60,
  },
];

/** Back to an earlier commit: migrations are not taken back. */
export const stepsWithoutMigrations = deploySteps.slice(1);

/** The step as a person would type it: no secret in it, so it can be printed and documented. */
export function stepAsShell(step: Step): string {
  if (step.kind === "request") return requestAsShell(step);
  const command = step.command.split(" ").map(word).join(" ");
  if (step.file === undefined) return command;
  const write = `cat > ${step.file.path} <<END\n${asShell(step.file.text)}END`;
  const input = step.fileIsInput === true ? ` < ${step.file.path}` : "";
  return `${write}\n${command}${input}\nrm ${step.file.path}`;
}

function requestAsShell(step: Extract<Step, { kind: "request" }>): string {
  const retry = step.method === "GET"
    ? [`--retry ${step.secondsMax} --retry-delay 1 --retry-all-errors`]
    : [`--request ${step.method}`];
  const token = step.token === undefined
    ? []
    : [`--header "Authorization: Bearer ${asShell(step.token)}"`];
  const body = step.body === undefined
    ? []
    : [`--header "Content-Type: application/json"`, `--data '${step.body}'`];
  return ["curl --fail", ...retry, ...token, ...body, word(step.url)].join(" \\\n  ");
}

function word(text: string): string {
  return text.includes("{{") ? `"${asShell(text)}"` : text;
}
