// What a deployment has to be told, and what follows from it. A default may name other settings as
// {{NAME}}. Knows no commands.

/** One variable of the deployment's environment. */
interface Setting {
  readonly name: string;
  readonly default?: string;
}

/** In the order in which docs/deploy.md sets them; a default only names what stands before it. */
export const deploySettings: readonly Setting[] = [
  { name: "SUPABASE_ACCESS_TOKEN" },
  { name: "SUPABASE_PROJECT_REF" },
  { name: "SUPABASE_DB_URL" },
  { name: "GITHUB_TOKEN" },
  { name: "FLY_API_TOKEN" },
  { name: "INDEXER_PASSWORD" },
  { name: "DATABASE_CA" },
  { name: "WAKE_SECRET" },
  { name: "OPERATOR_TOKEN" },
  { name: "COMMIT" },
  { name: "FLY_APP_NAME", default: "quarry-indexer" },
  { name: "FLY_REGIONS", default: "iad" },
  { name: "FLY_IMAGE", default: "registry.fly.io/{{FLY_APP_NAME}}:{{COMMIT}}" },
  { name: "FLY_API_BASE_URL", default: "https://api.machines.dev" },
  { name: "GITHUB_API_URL", default: "https://api.github.com" },
  { name: "GIT_BASE_URL", default: "https://github.com" },
  { name: "ALLOWED_GIT_HOSTS", default: "github.com" },
  { name: "SUPABASE_API_URL", default: "https://api.supabase.com" },
  {
    name: "PUBLIC_FUNCTIONS_URL",
    default: "https://{{SUPABASE_PROJECT_REF}}.supabase.co/functions/v1",
  },
  {
    name: "INDEXER_DATABASE_URL",
    default: "postgresql://quarry_indexer:{{INDEXER_PASSWORD}}@" +
      "db.{{SUPABASE_PROJECT_REF}}.supabase.co:5432/postgres?sslmode=require",
  },
];

/** Values by name, complete and safe to put between quotes. */
export type SettingValues = ReadonlyMap<string, string>;

/** Replaces every {{NAME}}. */
export function fill(text: string, values: SettingValues): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no setting is named ${name}`);
    return value;
  });
}

/** What a person types in a shell: names instead of values, so that it can be printed. */
export function asShell(text: string): string {
  return text.replace(/[$`\\]/g, String.raw`\$&`).replace(
    /\{\{(\w+)\}\}/g,
    (_, name: string) => "$" + name,
  );
}

/** Reads the settings from an environment, or says everything that is wrong with it at once. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): { values: SettingValues } | { problems: string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const { name, default: fallback } of deploySettings) {
    const given = environment[name] ?? "";
    if (given === "" && fallback === undefined) {
      problems.push(`${name} is not set`);
      values.set(name, "");
    } else if (/[^ -~]|['"\\$`]/.test(given)) {
      // They are written into SQL, a .env file and a URL; none of them ever needs these.
      problems.push(`${name} holds a quote, a backslash, a dollar sign or a line break`);
    }
    values.set(name, given === "" ? fill(fallback ?? "", values) : given);
  }
  return problems.length > 0 ? { problems } : { values };
}
