/**
 * Finds out whether a server speaks TLS, for the hint when a call could not reach it.
 *
 * @module
 */
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { isIP } from "node:net";
import { Buffer } from "node:buffer";
import { hostOf } from "./channel.ts";

const TIMEOUT_MS = 1000;
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
const SETTINGS_FRAME = 4;

/** What listens at `HOST:PORT`. */
export async function probe(server: string): Promise<"tls" | "plaintext" | "unknown"> {
  const port = Number(/:(\d+)$/.exec(server)?.[1] ?? 443);
  const host = hostOf(server);
  if (await speaksTls(host, port)) return "tls";
  return await speaksPlainHttp2(host, port) ? "plaintext" : "unknown";
}

function speaksTls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // Only whether the handshake works is asked here; nothing is sent, so whose certificate it is does not matter.
    const socket = connectTls({
      host,
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      ...(isIP(host) === 0 && { servername: host }),
    });
    settle(socket, resolve, "secureConnect");
  });
}

function speaksPlainHttp2(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port }, () => socket.write(HTTP2_PREFACE));
    socket.once("data", (bytes: Buffer) => {
      resolve(bytes.length > 3 && bytes[3] === SETTINGS_FRAME);
      socket.destroy();
    });
    settle(socket, resolve);
  });
}

function settle(
  socket: ReturnType<typeof connectTcp>,
  resolve: (good: boolean) => void,
  success?: "secureConnect",
): void {
  const timer = setTimeout(() => finish(false), TIMEOUT_MS);
  const finish = (good: boolean) => {
    clearTimeout(timer);
    resolve(good);
    socket.destroy();
  };
  if (success !== undefined) socket.once(success, () => finish(true));
  socket.once("error", () => finish(false));
  socket.once("close", () => finish(false));
}
