/**
 * What Deno.serve has but does not offer. This is the only file that reaches into the runtime; self_test.ts checks at every
 * start that it works.
 *
 * Trailers: there is no public call for them (denoland/deno#23632), but the runtime has the operation: `addTrailers` of its
 * internals reads `external`, the runtime's handle of the request, off the inner object of the response.
 *
 * Bodies: one that has come whole before anybody asks is bytes inside, and becomes a stream only for who asks for one.
 *
 * @module
 */
import type { HeaderPair } from "./headers.ts";

interface Inner {
  /** The runtime's handle; null once the request is over and the handle is freed. */
  external?: unknown;
  /** Throws once the request is over. */
  readonly body?: { readonly streamOrStatic?: StaticBody } | null;
}
/** A body that is no stream yet. */
interface StaticBody {
  readonly body?: unknown;
  consumed?: boolean;
}
type AddTrailers = (response: Response, trailers: readonly (readonly [string, string])[]) => void;

const runtime = Deno as unknown as Record<symbol, { addTrailers?: AddTrailers } | undefined> & { internal?: symbol };
const addTrailers = runtime.internal && runtime[runtime.internal]?.addTrailers;

let requestInner: symbol | undefined;
let responseInner: symbol | undefined;

function innerOf(object: object, symbol: symbol): Inner {
  return (object as Record<symbol, Inner>)[symbol]!;
}

function findSymbol(object: object, description: string): symbol {
  const symbol = Object.getOwnPropertySymbols(object).find((candidate) => candidate.description === description);
  if (!symbol) throw new Error(`this Deno has no inner ${description}`);
  return symbol;
}

/**
 * Sets the trailers of a response. They take effect for a body that is a stream, up to the moment the stream closes.
 * Does nothing when the request is over: the handle is nulled right before it is freed and all runs in one thread, so
 * the check cannot come too late.
 *
 * @throws When this Deno has no such operation.
 */
export function setTrailers(request: Request, response: Response, trailers: readonly HeaderPair[]): void {
  if (!addTrailers) throw new Error("this Deno has no addTrailers");
  const { external } = innerOf(request, requestInner ??= findSymbol(request, "request"));
  if (!external) return;
  innerOf(response, responseInner ??= findSymbol(response, "response")).external = external;
  addTrailers(response, trailers);
}

/** The body of a request if it has come whole already and nobody has looked at it; it counts as read then. */
export function takeWholeBody(request: Request): Uint8Array | undefined {
  const inner = innerOf(request, requestInner ??= findSymbol(request, "request"));
  const source = inner.external ? inner.body?.streamOrStatic : undefined;
  if (!source || source.consumed !== false || !(source.body instanceof Uint8Array)) return undefined;
  source.consumed = true;
  return source.body;
}
