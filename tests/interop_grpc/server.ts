/**
 * The server that gRPC's interop clients call: their services on a lane as users have it.
 *
 *     deno run --unstable-no-legacy-abort -A tests/interop_grpc/server.ts native|grpc-js [tls]
 *
 * @module
 */
import { createLogger } from "../../lib/log/logger.ts";
import { bind, createRouter, deadline, errors, requestId } from "../../lib/rpc/mod.ts";
import { reflectionService } from "../../lib/services/reflection.ts";
import { listenGrpcJs } from "../../lib/transport/grpc_js.ts";
import { listenNative } from "../../lib/transport/native.ts";
import { certificateFile, interopSchema, keyFile } from "./files.ts";
import { bindInterop } from "./service.ts";

const LATE_MS = 50;

const [lane, security] = Deno.args;
const schema = interopSchema();
const services = bindInterop(schema);
const logger = createLogger({ format: "json", level: "info", color: false, write: console.error, now: Date.now });
const reflection = reflectionService(schema, services.map(({ name }) => name));
const listen = lane === "grpc-js" ? listenGrpcJs : listenNative;
const listener = await listen({
  hostname: "127.0.0.1",
  port: 0,
  schema,
  router: createRouter([...services, bind(schema, "grpc.reflection.v1.ServerReflection", reflection)], [
    requestId("interop"),
    errors({ logger, translate: () => undefined }),
    deadline,
  ]),
  maxMessageBytes: 4 * 1024 * 1024,
  maxAnswerBytes: 4 * 1024 * 1024,
  compressFromBytes: 1024,
  corsOrigins: [],
  pages: new Map([["/late", lateAnswer]]),
  onFault: (error) => console.error(error),
  ...(security === "tls" && {
    tls: { certificate: Deno.readTextFileSync(certificateFile), key: Deno.readTextFileSync(keyFile) },
  }),
});
Deno.addSignalListener("SIGTERM", async () => {
  await listener.close();
  logger.flush();
  Deno.exit(0);
});
/** For h2spec: whoever asks has sent everything by then. */
async function lateAnswer(): Promise<Response> {
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  return new Response("This answer has taken its time.\n", { headers: { "content-type": "text/plain" } });
}

console.log(`listening on 127.0.0.1:${listener.port}`);
