import { createHash, timingSafeEqual } from "node:crypto";

/** Who asks: a run, and whether it may. */
export interface Caller {
  readonly run: string;
  readonly allowed: boolean;
}

const maxRunCharacters = 100;

/**
 * The run is named by the header `x-tutti-run`, else told by the key: a server without a token takes any key, and
 * every key is a run of its own, called by a hash so that no key stands in a log.
 */
export function callerOf(request: Request, token: string | undefined): Caller {
  const key = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]?.trim();
  const named = request.headers.get("x-tutti-run")?.trim().slice(0, maxRunCharacters);
  const allowed = token === undefined || (key !== undefined && isSame(key, token));
  if (named !== undefined && named !== "") return { run: named, allowed };
  return {
    run: token !== undefined || key === undefined ? "default" : `key-${digest(key).toString("hex").slice(0, 12)}`,
    allowed,
  };
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a web page from elsewhere asks: without a token any page that its user has open could spend here. Browsers say
 * where a page is from, and under which name it reaches us.
 */
export function isForeignPage(request: Request, token: string | undefined): boolean {
  const origin = request.headers.get("origin");
  if (token !== undefined || origin === null) return false;
  return !URL.canParse(origin) || !loopback.has(new URL(origin).hostname);
}

/** Compared by hashes: the time it takes tells nothing of the token. */
function isSame(key: string, token: string): boolean {
  return timingSafeEqual(digest(key), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
