/**
 * What a lane is: it listens on a port and brings calls to routes.
 *
 * @module
 */
import type { Call, Router } from "../rpc/mod.ts";
import type { Schema } from "../schema/mod.ts";

export interface ListenOptions {
  readonly hostname: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly router: Router;
  readonly schema: Schema;
  /** The largest request message, in bytes, before and after decompression. */
  readonly maxMessageBytes: number;
  /** The largest message of an answer, in bytes, before compression. */
  readonly maxAnswerBytes: number;
  /** Answers of at least so many bytes are compressed when the client takes that. */
  readonly compressFromBytes: number;
  /** Origins of web pages that may call, such as `https://example.org`; `*` means all. Native lane only. */
  readonly corsOrigins: readonly string[];
  /** What is answered to a GET of a path that is no call, such as `/healthz`. Native lane only. */
  readonly pages: ReadonlyMap<string, () => Response | Promise<Response>>;
  /** Serves TLS, and by ALPN HTTP/2 or HTTP/1.1: PEM text. Without it HTTP/2 needs prior knowledge. Native lane only. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Called with what nobody caught, and with its call if it came of one. */
  readonly onFault: (error: unknown, call?: Call) => void;
}

export interface Listener {
  readonly hostname: string;
  readonly port: number;
  /** Takes no more connections, waits until the calls there are have been answered. */
  shutdown(): Promise<void>;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Thrown when a lane cannot listen; its message is a sentence for people. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** The error of a failed bind, as a sentence. */
export function listenError(error: unknown, hostname: string, port: number): ListenError {
  const code = (error as { code?: string }).code;
  const where = `${hostname}:${port}`;
  const why = error instanceof Deno.errors.AddrInUse || code === "EADDRINUSE"
    ? "something else listens there already"
    : error instanceof Deno.errors.PermissionDenied || code === "EACCES"
    ? "this user may not use that port"
    : error instanceof Deno.errors.AddrNotAvailable || code === "EADDRNOTAVAIL"
    ? "this machine has no such address"
    : error instanceof Error
    ? error.message
    : String(error);
  return new ListenError(`cannot listen on ${where}: ${why}`, { cause: error });
}
