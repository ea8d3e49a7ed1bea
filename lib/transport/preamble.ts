/**
 * What a request says before its messages: which method, how long, how compressed.
 *
 * @module
 */
import { fail, type Route, type RpcError } from "../rpc/mod.ts";
import { acceptsGzip, type Encoding, readEncoding } from "./compression.ts";
import { parseTimeout, parseTimeoutMs } from "./timeout.ts";
import type { WireOptions } from "./wire.ts";

/** Where a protocol says it. */
export interface PreambleHeaders {
  readonly timeout: "grpc-timeout" | "connect-timeout-ms";
  readonly encoding: string;
  readonly acceptEncoding: string;
}

export const GRPC_HEADERS: PreambleHeaders = {
  timeout: "grpc-timeout",
  encoding: "grpc-encoding",
  acceptEncoding: "grpc-accept-encoding",
};

export interface Preamble {
  readonly route: Route;
  /** Why the call is refused; the interceptors still see it. */
  readonly refusal?: RpcError | undefined;
  readonly timeoutMs: number | undefined;
  readonly encoding: Encoding;
  /** Answers of at least so many bytes are to be compressed; undefined when the client does not take that. */
  readonly compressFrom: number | undefined;
}

/** Refuses with UNKNOWN_METHOD, INVALID_REQUEST for a timeout, UNKNOWN_ENCODING. */
export function readPreamble(request: Request, names: PreambleHeaders, options: WireOptions): Preamble {
  const path = pathOf(request);
  const route = options.router.routes.get(path);
  if (!route) return refused(options.router.unknown, fail("UNKNOWN_METHOD", { path }));
  const { headers } = request;
  try {
    return {
      route,
      timeoutMs: readTimeout(headers, names.timeout),
      encoding: readEncoding(headers.get(names.encoding)),
      compressFrom: acceptsGzip(headers.get(names.acceptEncoding)) ? options.compressFromBytes : undefined,
    };
  } catch (error) {
    return refused(route, error as RpcError);
  }
}

/** A request that is not read any further. */
export function refused(route: Route, refusal: RpcError): Preamble {
  return { route, refusal, timeoutMs: undefined, encoding: "identity", compressFrom: undefined };
}

/** Milliseconds; undefined when none is given. @throws INVALID_REQUEST. */
export function readTimeout(headers: Headers, name: PreambleHeaders["timeout"]): number | undefined {
  const value = headers.get(name);
  const timeoutMs = name === "grpc-timeout" ? parseTimeout(value) : parseTimeoutMs(value);
  if (timeoutMs === null) throw fail("INVALID_REQUEST", { summary: `${name}: '${value?.slice(0, 40)}' is no timeout` });
  return timeoutMs;
}

/** The path of a request. Its URL is absolute and the parser of URLs costs more than a search. */
export function pathOf({ url }: Request): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
