/**
 * The native lane: Deno.serve, which is Rust's hyper, with backpressure both ways.
 *
 * @module
 */
import { handleGrpc, isGrpc, type WireOptions } from "./grpc_wire.ts";
import { StatusEncoder } from "./status.ts";
import { type Listener, listenError, type ListenOptions } from "./transport.ts";

/** @throws ListenError when the address cannot be had. */
export function listenNative(options: ListenOptions): Listener {
  const wire: WireOptions = {
    router: options.router,
    status: new StatusEncoder(options.schema),
    maxMessageBytes: options.maxMessageBytes,
  };
  const abort = new AbortController();
  let finished = false;
  const handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response | Promise<Response> => {
    const contentType = request.headers.get("content-type") ?? "";
    if (!isGrpc(contentType)) return otherRequest(request);
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
    const { hostname, port } = info.remoteAddr;
    return handleGrpc(request, `${hostname}:${port}`, wire);
  };
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: options.hostname,
      port: options.port,
      signal: abort.signal,
      onListen() {},
      onError(error) {
        options.onFault(error);
        return new Response(null, { status: 500 });
      },
    }, handler);
  } catch (error) {
    throw listenError(error, options.hostname, options.port);
  }
  void server.finished.then(() => finished = true);
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    shutdown: () => server.shutdown(),
    async close() {
      // Aborting a server that has finished throws inside the runtime.
      if (!finished) abort.abort();
      await server.finished;
    },
  };
}

function otherRequest(request: Request): Response {
  request.body?.cancel().catch(() => {});
  return new Response("This port speaks gRPC: content-type application/grpc over HTTP/2.\n", {
    status: 415,
    headers: { "content-type": "text/plain; charset=utf-8", "accept-post": "application/grpc" },
  });
}
