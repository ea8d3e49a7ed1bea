/**
 * The native lane: Deno.serve, which is Rust's hyper, with backpressure both ways. Every wire is answered on its one port.
 *
 * @module
 */
import { JsonCodecs } from "../schema/mod.ts";
import { refusedBody } from "./answer.ts";
import { connectStreamWire } from "./connect_stream_wire.ts";
import { connectUnaryWire } from "./connect_unary_wire.ts";
import { Cors } from "./cors.ts";
import { grpcWebWire } from "./grpc_web_wire.ts";
import { grpcWire } from "./grpc_wire.ts";
import type { Router } from "../rpc/mod.ts";
import { pathOf } from "./preamble.ts";
import { StatusEncoder } from "./status.ts";
import { type Listener, listenError, type ListenOptions } from "./transport.ts";
import type { Wire, WireOptions } from "./wire.ts";

const ACCEPTED_TYPES = [
  "application/grpc",
  "application/grpc-web",
  "application/grpc-web-text",
  "application/proto",
  "application/json",
  "application/connect+proto",
  "application/connect+json",
].join(", ");

/** @throws ListenError when the address cannot be had. */
export function listenNative(options: ListenOptions): Listener {
  const wireOptions: WireOptions = {
    ...options,
    json: new JsonCodecs(options.schema),
    status: new StatusEncoder(options.schema),
  };
  const connectUnary = connectUnaryWire(wireOptions);
  const wires = new Map<string, readonly Wire[]>([
    ["POST", [grpcWire(wireOptions), connectUnary, connectStreamWire(wireOptions), grpcWebWire(wireOptions)]],
    ["GET", [connectUnary]],
  ]);
  const cors = new Cors(options.corsOrigins);
  const abort = new AbortController();
  let shuttingDown = false;
  const answer = (request: Request, peer: string): Response | Promise<Response> => {
    const contentType = essence(request.headers.get("content-type"));
    for (const wire of wires.get(request.method) ?? []) {
      const response = wire(request, contentType, peer);
      if (response) return response;
    }
    const page = request.method === "GET" ? options.pages.get(pathOf(request)) : undefined;
    return page ? page() : otherRequest(request, options.router);
  };
  const handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response | Promise<Response> => {
    const { hostname, port } = info.remoteAddr;
    const peer = `${hostname}:${port}`;
    const origin = request.headers.get("origin");
    if (origin === null) return answer(request, peer);
    return cors.preflight(request) ??
      Promise.resolve(answer(request, peer)).then((answer) => cors.mark(origin, answer));
  };
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: options.hostname,
      port: options.port,
      signal: abort.signal,
      ...(options.tls && { cert: options.tls.certificate, key: options.tls.key }),
      onListen() {},
      onError(error) {
        options.onFault(error);
        return new Response(null, { status: 500 });
      },
    }, handler);
  } catch (error) {
    throw listenError(error, options.hostname, options.port);
  }
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    shutdown() {
      shuttingDown = true;
      return server.shutdown();
    },
    async close() {
      // The runtime cannot abort a server that shuts down. What still holds it up, such as a client that does not read,
      // ends with the process.
      if (shuttingDown) return;
      abort.abort();
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

/** What no wire takes: another method of HTTP, another content type, or no call at all. */
function otherRequest(request: Request, router: Router): Response {
  refusedBody(request);
  const headers = { "content-type": "text/plain; charset=utf-8" };
  if (!router.routes.has(pathOf(request))) {
    return new Response("There is nothing here. Calls go to /package.Service/Method.\n", { status: 404, headers });
  }
  if (request.method !== "POST") {
    return new Response("Calls are made by POST.\n", { status: 405, headers: { ...headers, allow: "POST" } });
  }
  return new Response("The content type is none that this server speaks.\n", {
    status: 415,
    headers: { ...headers, "accept-post": ACCEPTED_TYPES },
  });
}
