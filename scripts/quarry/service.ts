// Which service is meant: the one that the environment names, else the checkout's running stack.
// Pure: the environment and the text of .local/stack.json are arguments.

import { z } from "zod";
import type { ApiAccess } from "../client/quarry_client.ts";

/** What is wrong; it never holds a key. */
export interface NoService {
  readonly problem: string;
}

const stackFile = z.object({ functions_url: z.string(), api_key: z.string() });

/** The service, or why there is none. `stackText` is null when there is no running stack. */
export function readService(
  environment: Readonly<Record<string, string | undefined>>,
  stackText: string | null,
): ApiAccess | NoService {
  const functionsUrl = environment["QUARRY_URL"] ?? "";
  const apiKey = environment["QUARRY_API_KEY"] ?? "";
  if (functionsUrl !== "" && apiKey !== "") {
    if (!/^https?:/.test(functionsUrl) || !URL.canParse(functionsUrl)) {
      return { problem: "QUARRY_URL holds no address" };
    }
    // What refuses it as a header says it, key and all.
    if (!/^[!-~]+$/.test(apiKey)) {
      return { problem: "QUARRY_API_KEY holds no key: it has signs that none has" };
    }
    return { functionsUrl: functionsUrl.replace(/\/+$/, ""), apiKey };
  }
  if (functionsUrl !== "" || apiKey !== "") {
    return { problem: "QUARRY_URL and QUARRY_API_KEY go together; one of them is not set" };
  }
  if (stackText === null) {
    return { problem: "QUARRY_URL and QUARRY_API_KEY are not set, and no npm run stack runs here" };
  }
  try {
    const { functions_url, api_key } = stackFile.parse(JSON.parse(stackText));
    return { functionsUrl: functions_url, apiKey: api_key };
  } catch {
    return { problem: ".local/stack.json names no service" };
  }
}
