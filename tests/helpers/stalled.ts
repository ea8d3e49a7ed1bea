/**
 * A client on a bare TCP socket that asks for a stream, promises to take all of it, and reads nothing.
 *
 * A library would read on behalf of its caller; here the bytes stay in the kernel until the server has to wait.
 *
 * @module
 */
import { frame } from "../../lib/transport/framing.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const TYPE = { data: 0, headers: 1, settings: 4, windowUpdate: 8 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const INITIAL_WINDOW_SIZE = 4;
const LARGEST_WINDOW = 0x7fffffff;

/** Sends a request and stops. The returned connection has to be closed. */
export async function stalledCall(port: number, path: string, message: Uint8Array): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const setting = Uint8Array.of(0, INITIAL_WINDOW_SIZE, ...uint32(LARGEST_WINDOW));
  // The window of a connection begins at 65535.
  const update = Uint8Array.from(uint32(LARGEST_WINDOW - 65_535));
  await writeAll(
    connection,
    new TextEncoder().encode(PREFACE),
    http2Frame(TYPE.settings, 0, 0, setting),
    http2Frame(TYPE.windowUpdate, 0, 0, update),
    http2Frame(TYPE.headers, END_HEADERS, 1, headerBlock(path, port)),
    http2Frame(TYPE.data, END_STREAM, 1, frame(message)),
  );
  return connection;
}

async function writeAll(connection: Deno.TcpConn, ...parts: Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let written = 0; written < part.length;) written += await connection.write(part.subarray(written));
  }
}

function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const [, ...length] = uint32(payload.length);
  return Uint8Array.from([...length, type, flags, ...uint32(stream), ...payload]);
}

/** Each header as a literal without indexing, RFC 7541 section 6.2.2. */
function headerBlock(path: string, port: number): Uint8Array {
  const headers = {
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": `127.0.0.1:${port}`,
    "content-type": "application/grpc",
    te: "trailers",
  };
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
  return Uint8Array.from(Object.entries(headers).flatMap(([name, value]) => [0, ...text(name), ...text(value)]));
}

function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
}
