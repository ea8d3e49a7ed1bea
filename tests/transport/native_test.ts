import { assertEquals } from "@std/assert";
import { listenNative } from "../../lib/transport/native.ts";
import { startEcho } from "../helpers/echo.ts";

/** The status line of the answer to a request of HTTP/1.1, on a socket: fetch would refuse to send some of them. */
async function statusLine(address: string, request: string): Promise<string> {
  const [hostname, port] = address.split(":");
  using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  const text = await new Response(connection.readable).text();
  return text.slice(0, text.indexOf("\r\n"));
}

Deno.test("names that every object has are no methods of HTTP and no content types", async () => {
  const server = await startEcho(listenNative);
  const rest = "host: x\r\nconnection: close\r\n";
  try {
    for (const name of ["constructor", "__proto__"]) {
      assertEquals(
        await statusLine(server.address, `${name} /echo.Echo/Unary HTTP/1.1\r\n${rest}\r\n`),
        "HTTP/1.1 405 Method Not Allowed",
      );
      assertEquals(
        await statusLine(
          server.address,
          `POST /echo.Echo/Unary HTTP/1.1\r\n${rest}content-type: ${name}\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0`,
        ),
        "HTTP/1.1 415 Unsupported Media Type",
      );
    }
    assertEquals(server.log.lines, []);
  } finally {
    await server.stop();
  }
});
