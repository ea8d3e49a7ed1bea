/**
 * The server under test of Connect's conformance runner: its service, on the native lane as users have it. It reads one
 * ServerCompatRequest from stdin and answers where it listens.
 *
 *     deno run -A tests/conformance/server.ts FOLDER_OF_THE_SUITES_PROTO_FILES
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createRouter, deadline, requestId } from "../../lib/rpc/mod.ts";
import { loadSchema } from "../../lib/schema/mod.ts";
import { listenNative } from "../../lib/transport/native.ts";
import { bindConformance, withoutDetails } from "./service.ts";

interface ServerCompatRequest {
  use_tls: boolean;
  message_receive_limit: number;
  server_creds: { cert: Uint8Array; key: Uint8Array } | null;
}

const PACKAGE = "connectrpc.conformance.v1";
const DEFAULT_LIMIT = 200 * 1024 * 1024;

const schema = loadSchema(fileURLToPath(new URL("../../proto", import.meta.url)), Deno.args[0]!);
const wanted = schema.codec(`${PACKAGE}.ServerCompatRequest`).decode(await readSized()) as ServerCompatRequest;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const { cert, key } = wanted.server_creds ?? {};
const listener = listenNative({
  hostname: "127.0.0.1",
  port: 0,
  schema,
  router: createRouter([bindConformance(schema)], [requestId("conformance"), withoutDetails, deadline]),
  maxMessageBytes: wanted.message_receive_limit || DEFAULT_LIMIT,
  maxAnswerBytes: DEFAULT_LIMIT,
  compressFromBytes: 0,
  corsOrigins: [],
  pages: new Map(),
  onFault: (error) => console.error(error),
  ...(wanted.use_tls && { tls: { certificate: text(cert!), key: text(key!) } }),
});
await writeSized(
  schema.codec(`${PACKAGE}.ServerCompatResponse`).encode({
    host: "127.0.0.1",
    port: listener.port,
    pem_cert: wanted.use_tls ? cert! : null,
  }),
);

/** A message behind its length, four bytes with the highest first. */
async function readSized(): Promise<Uint8Array> {
  const prefix = await readExactly(4);
  return await readExactly(new DataView(prefix.buffer).getUint32(0));
}

async function readExactly(length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const count = await Deno.stdin.read(bytes.subarray(read));
    if (count === null) throw new Error("stdin ended");
    read += count;
  }
  return bytes;
}

async function writeSized(bytes: Uint8Array): Promise<void> {
  const sized = new Uint8Array(4 + bytes.length);
  new DataView(sized.buffer).setUint32(0, bytes.length);
  sized.set(bytes, 4);
  for (let written = 0; written < sized.length;) written += await Deno.stdout.write(sized.subarray(written));
}
