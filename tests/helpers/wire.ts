/**
 * A listener that speaks just enough gRPC to see what a client sends: it answers each call with a status and no message.
 *
 * @module
 */

export interface SeenCall {
  readonly path: string;
  readonly headers: Headers;
  /** With the frames of gRPC. */
  readonly body: Uint8Array;
}

export interface WireServer extends AsyncDisposable {
  /** `HOST:PORT` */
  readonly address: string;
  readonly seen: readonly SeenCall[];
}

export interface WireStatus {
  readonly code: number;
  readonly message?: string;
  /** A serialised google.rpc.Status. */
  readonly details?: Uint8Array;
}

/**
 * Starts one.
 *
 * @param answer The status of a call, by how many came before it.
 * @param tls A certificate and its key, PEM.
 */
export function wireServer(
  answer: (before: number, call: SeenCall) => WireStatus,
  tls: { cert: string; key: string } | Record<never, never> = {},
): WireServer {
  const seen: SeenCall[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, ...tls }, async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const call = { path: new URL(request.url).pathname, headers: new Headers(request.headers), body };
    const { code, message = "", details } = answer(seen.length, call);
    seen.push(call);
    return new Response(null, {
      headers: {
        "content-type": "application/grpc",
        "grpc-status": String(code),
        "grpc-message": encodeURIComponent(message),
        ...(details && { "grpc-status-details-bin": details.toBase64() }),
      },
    });
  });
  return {
    address: `127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
