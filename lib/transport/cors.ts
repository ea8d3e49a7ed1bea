/**
 * Calls from pages of other origins. https://fetch.spec.whatwg.org/#http-cors-protocol
 *
 * @module
 */

/** Seconds that a browser may remember the answer to a preflight: the longest that browsers keep it. */
const PREFLIGHT_SECONDS = "7200";

/** Answers preflights and marks answers, for the origins that may call. */
export class Cors {
  readonly #any: boolean;
  readonly #origins: ReadonlySet<string>;

  /** @param origins Such as `https://example.org`; `*` lets every page call. None lets none. */
  constructor(origins: readonly string[]) {
    this.#any = origins.includes("*");
    this.#origins = new Set(origins);
  }

  /** The answer to a preflight; undefined when the request is none. */
  preflight(request: Request): Response | undefined {
    const { headers, method } = request;
    if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
    const response = new Response(null, { status: 204, headers: { allow: "GET, POST, OPTIONS" } });
    response.headers.set("vary", "origin, access-control-request-headers");
    const allowed = this.#allowed(headers.get("origin"));
    if (allowed === undefined) return response;
    response.headers.set("access-control-allow-origin", allowed);
    response.headers.set("access-control-allow-methods", "GET, POST");
    // Metadata may have any name, so what is asked for is what is allowed.
    const asked = headers.get("access-control-request-headers");
    if (asked !== null) response.headers.set("access-control-allow-headers", asked);
    response.headers.set("access-control-max-age", PREFLIGHT_SECONDS);
    return response;
  }

  /** Lets the page that asked read the answer with all its headers. */
  mark(origin: string, response: Response): Response {
    response.headers.append("vary", "origin");
    const allowed = this.#allowed(origin);
    if (allowed !== undefined) {
      response.headers.set("access-control-allow-origin", allowed);
      response.headers.set("access-control-expose-headers", "*");
    }
    return response;
  }

  #allowed(origin: string | null): string | undefined {
    if (this.#any) return "*";
    return origin !== null && this.#origins.has(origin) ? origin : undefined;
  }
}
