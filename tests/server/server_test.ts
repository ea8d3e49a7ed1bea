import { assertMatch, assertNotEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { runClient, startClient } from "../helpers/client.ts";
import { startServer } from "../helpers/server.ts";
import { until } from "../helpers/wait.ts";

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

Deno.test("the metrics count a watch among the calls in flight, and when it has ended among the calls", async () => {
  await using server = await startServer();
  const metrics = async () => await (await fetch(`http://${server.address}/metrics`)).text();
  await runClient(["tasks", "create", "Sweep"], { server: server.address });
  assertMatch(await metrics(), /^steward_calls_in_flight 0$/m);
  await using watch = startClient(["tasks", "watch", "--snapshot", "-o", "table"], { server: server.address });
  await watch.seen(/up to date/);
  assertMatch(await metrics(), /^steward_calls_in_flight 1$/m);
  watch.kill("SIGINT");
  await watch.end();
  await until(
    "the watch is counted",
    async () =>
      /^steward_calls_total\{method="\/taskmanager.TaskManager\/WatchTasks",code="CANCELLED"\} 1$/m.test(
        await metrics(),
      ),
  );
});
