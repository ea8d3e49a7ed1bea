/**
 * The native lane: Deno.serve, which is Rust's hyper, with backpressure both ways. Every wire is answered on its one port.
 *
 * @module
 */
import { JsonCodecs } from "../schema/mod.ts";
import { refusedBody } from "./answer.ts";
import { grpcWebWire } from "./grpc_web_wire.ts";
import { grpcWire } from "./grpc_wire.ts";
import { StatusEncoder } from "./status.ts";
import { type Listener, listenError, type ListenOptions } from "./transport.ts";
import type { Wire, WireOptions } from "./wire.ts";

/** @throws ListenError when the address cannot be had. */
export function listenNative(options: ListenOptions): Listener {
  const wireOptions: WireOptions = {
    ...options,
    json: new JsonCodecs(options.schema),
    status: new StatusEncoder(options.schema),
  };
  const wires: Wire[] = [grpcWire, grpcWebWire].map((wire) => wire(wireOptions));
  const abort = new AbortController();
  let finished = false;
  const handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response | Promise<Response> => {
    const contentType = essence(request.headers.get("content-type"));
    const { hostname, port } = info.remoteAddr;
    const peer = `${hostname}:${port}`;
    for (const wire of wires) {
      const response = wire(request, contentType, peer);
      if (response) return response;
    }
    return otherRequest(request);
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

/** A content type without parameters, in lower case. */
function essence(contentType: string | null): string {
  if (contentType === null) return "";
  const end = contentType.indexOf(";");
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function otherRequest(request: Request): Response {
  refusedBody(request);
  return new Response("This port speaks gRPC and gRPC-Web.\n", {
    status: 415,
    headers: { "content-type": "text/plain; charset=utf-8", "accept-post": "application/grpc, application/grpc-web" },
  });
}
