import { assert, assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log/logger.ts";
import { type Batches, bindMethods, Call, createRouter, Metadata, requestId, trackCall } from "../../lib/rpc/mod.ts";
import { loadSchema } from "../../lib/schema/mod.ts";
import { surviveFaults } from "../../lib/server/faults.ts";
import { until } from "../helpers/wait.ts";

const folder = (path: string) => new URL(path, import.meta.url).pathname;

/** Fails after the handler that began it has answered, with nobody waiting. */
async function failLater(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  throw new Error("left alone");
}

function unary(): object {
  void failLater();
  return {};
}

async function* stream(): Batches<object> {
  void failLater();
  yield [{}];
}

Deno.test("a rejection that nobody handles is logged with the id of its call, whatever kind the call is", async () => {
  const lines: string[] = [];
  const write = (text: string) => lines.push(...text.trim().split("\n"));
  const stop = surviveFaults(createLogger({ format: "json", level: "info", color: false, write, now: Date.now }));
  try {
    const schema = loadSchema(folder("../../proto"), folder("../fixtures/proto"));
    const echo = bindMethods(schema, "echo.Echo", {
      Unary: unary,
      ServerStream: stream,
      ClientStream: unary,
      Bidi: stream,
    });
    const { routes } = createRouter([echo], [requestId("fault"), trackCall]);
    for (const { method, invoke } of routes.values()) {
      const call = new Call({ method, peer: "", metadata: () => new Metadata() });
      const output = await invoke(call, Promise.resolve({}));
      if (method.kind === "server_streaming" || method.kind === "bidi_streaming") {
        for await (const _ of output as Batches<object>) { /* to its end */ }
      }
    }
    await until("all four are logged", () => lines.length === 4);
    const logged = lines.map((line) => JSON.parse(line) as Record<string, string>);
    assertEquals(logged.map(({ request }) => request).sort(), ["fault-1", "fault-2", "fault-3", "fault-4"]);
    assert(logged.every(({ error }) => error!.includes("left alone")));
  } finally {
    stop();
  }
});
