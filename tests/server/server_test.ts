import { assertNotEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { runClient } from "../helpers/client.ts";
import { startServer } from "../helpers/server.ts";

Deno.test("the log says when the database cannot be written and when it can again", async () => {
  await using server = await startServer();
  const intruder = new DatabaseSync(`${server.data}/steward.db`);
  try {
    intruder.exec("BEGIN IMMEDIATE");
    const { code } = await runClient(["inventory", "add", "Widget", "--deadline", "1s"], { server: server.address });
    assertNotEquals(code, 0);
    await server.process.seen(/ERROR Writing the database failed, .*: database is locked/, { on: "stderr" });
    intruder.exec("ROLLBACK");
  } finally {
    intruder.close();
  }
  await server.process.seen(/WARN +Writing the database succeeds again/, { on: "stderr" });
});
