/**
 * Every tool, in the order in which an agent should consider them.
 */
import { type Tool } from "./tool.ts";
import { fileTools } from "./tools/files.ts";
import { navigationTools } from "./tools/navigation.ts";
import { repositoryTools } from "./tools/repositories.ts";
import { nameTools } from "./tools/names.ts";
import { searchTools } from "./tools/search.ts";

/** The tools. */
export const tools: readonly Tool[] = [
  ...searchTools,
  ...nameTools,
  ...navigationTools,
  ...fileTools,
  ...repositoryTools,
];
