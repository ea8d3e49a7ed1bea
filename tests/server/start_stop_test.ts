/**
 * The real server as a process: how it starts, what it refuses, how it stops.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { status as codes } from "@grpc/grpc-js";
import { TestClient } from "../helpers/grpc_client.ts";
import { type Ended, ROOT, TestProcess } from "../helpers/process.ts";
import { type ServerProcess, startServer } from "../helpers/server.ts";
import { stalledCall } from "../helpers/stalled.ts";
import { contractSchema, type LaneName, LANES, withDirectory } from "../helpers/steward.ts";
import { until } from "../helpers/wait.ts";

/** Runs main.ts to its end, which must come by itself. */
async function failure(...args: string[]): Promise<Ended> {
  await using process = new TestProcess("main.ts", { args });
  const ended = await process.end({ withinMs: 20_000 });
  assert(ended.code !== 0, `it ended well: ${ended.stdout}`);
  assertEquals(ended.stdout, "");
  return ended;
}

/** Calls `use` with a running server and a client. Fails unless the server ends well afterwards. */
async function withServer(
  lane: LaneName,
  use: (server: ServerProcess, client: TestClient) => Promise<void>,
  ...args: string[]
): Promise<void> {
  await using server = await startServer({ args: ["--transport", lane, ...args] });
  const client = new TestClient(server.address, contractSchema());
  try {
    await use(server, client);
  } finally {
    client.close();
  }
}

/** A call that is in flight. */
async function importing(client: TestClient) {
  const call = client.open("inventory.Inventory/ImportItems");
  call.send({ rows: [{ item: { name: "first" } }] });
  await until(
    "the import runs",
    async () => (await client.call("inventory.Inventory/GetItem", { name: "first" })).status.code === 0,
  );
  return call;
}

Deno.test("a start says where it listens, by which lane, on which database, and what to try", async () => {
  await withServer("native", (server) => {
    const { stdout } = server.process;
    assertMatch(stdout, /^Steward \d+\.\d+\.\d+ listening on http:\/\/127\.0\.0\.1:\d+$/m);
    assertMatch(stdout, /^ {2}lane {6}native$/m);
    assert(stdout.includes(`${server.data}/steward.db at revision 0`));
    assertMatch(stdout, new RegExp(`--server ${server.address} inventory add `));
    return Promise.resolve();
  });
});

Deno.test("what was written is there after a restart, on the other lane too", async () => {
  await withDirectory(async (data) => {
    for (const [count, lane] of [...LANES, "native" as const].entries()) {
      await using server = await startServer({ data, args: ["--transport", lane] });
      assertMatch(server.process.stdout, new RegExp(`at revision ${count}$`, "m"));
      const client = new TestClient(server.address, contractSchema());
      await client.ask("inventory.Inventory/AddItem", { name: `item ${count}`, price: 9.99 });
      const { messages } = await client.call("inventory.Inventory/ListItems");
      assertEquals(messages.length, count + 1);
      client.close();
    }
  });
});

Deno.test("a second server on the same port is refused in a clear line", async () => {
  await withServer("native", async (first) => {
    for (const lane of LANES) {
      await withDirectory(async (data) => {
        const { code, stderr } = await failure("--listen", first.address, "--data", data, "--transport", lane);
        assertEquals(code, 1);
        assertMatch(
          stderr,
          new RegExp(`^steward-server: cannot listen on ${first.address}: something else listens`, "m"),
        );
      });
    }
  });
});

Deno.test("a second server on the same data directory is refused in a clear line, and the first goes on", async () => {
  await withServer("native", async (first, client) => {
    const { code, stderr } = await failure("--listen", "127.0.0.1:0", "--data", first.data);
    assertEquals(code, 1);
    assertEquals(stderr, `steward-server: ${first.data} is in use by another server (process ${first.process.pid})\n`);
    await client.ask("inventory.Inventory/AddItem", { name: "still here" });
  });
});

Deno.test("listening beyond this machine needs --insecure", async () => {
  await withDirectory(async (data) => {
    for (const host of ["0.0.0.0", "[::]", "example.org", "127.example.org"]) {
      const { code, stderr } = await failure("--listen", `${host}:0`, "--data", data);
      assertEquals(code, 2);
      assertMatch(stderr, /^steward-server: --listen: '.*' can be reached from other machines.*--insecure/);
    }
    const process = new TestProcess("main.ts", { args: ["--listen", "0.0.0.0:0", "--insecure", "--data", data] });
    await using _ = process;
    await process.seen(/listening on http:\/\/0\.0\.0\.0:\d+/);
  });
});

Deno.test("a wrong command line is refused with the setting, the value and exit code 2", async () => {
  const { code, stderr } = await failure("--listen", "nowhere");
  assertEquals(code, 2);
  assertEquals(
    stderr,
    "steward-server: --listen: 'nowhere' is not HOST:PORT with a port from 0 to 65535\nTry --help.\n",
  );
});

Deno.test("a database of a newer Steward and a file that is none are refused and left as they are", async () => {
  await withDirectory(async (data) => {
    await (await startServer({ data })).stop();
    const path = `${data}/steward.db`;
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 999");
    db.close();
    const before = await Deno.readFile(path);
    const newer = await failure("--listen", "127.0.0.1:0", "--data", data);
    assertEquals(newer.code, 1);
    assertMatch(newer.stderr, /^steward-server: .*steward\.db was written by a newer Steward: its version is 999/);
    assertEquals(await Deno.readFile(path), before);
    await Deno.writeTextFile(
      path,
      "something else entirely, and long enough to be looked at as a database header".repeat(9),
    );
    const foreign = await failure("--listen", "127.0.0.1:0", "--data", data);
    assertMatch(foreign.stderr, /^steward-server: .*steward\.db is not a database$/m);
  });
});

for (const lane of LANES) {
  Deno.test(`${lane} lane: a signal ends streams with UNAVAILABLE and lets a call in flight finish`, async () => {
    await withServer(lane, async (server, client) => {
      const call = await importing(client);
      const streams = ["inventory.Inventory/WatchItems", "taskmanager.TaskManager/WatchTasks"].map((path) => {
        const stream = client.open(path);
        stream.send({});
        stream.finish();
        return stream;
      });
      const health = client.open("grpc.health.v1.Health/Watch");
      health.send({});
      health.finish();
      await Promise.all([...streams, health].map(({ headers }) => headers));
      await health.count(1);
      server.process.kill("SIGTERM");
      for (const stream of streams) assertEquals((await stream.received).status.code, codes.UNAVAILABLE);
      const { messages, status } = await health.received;
      assertEquals([messages.map(({ status }) => status), status.code], [[1, 2], codes.UNAVAILABLE]);
      assertEquals(
        (await client.call("inventory.Inventory/GetItem", { name: "first" })).status.code,
        codes.UNAVAILABLE,
      );
      call.send({ rows: [{ item: { name: "last" } }] });
      call.finish();
      const summary = await call.received;
      assertEquals([summary.status.code, summary.messages[0]?.created], [codes.OK, 2]);
      const { code, stderr } = await server.process.end();
      assertEquals(code, 0);
      assertMatch(stderr, /SIGTERM: stopping[^]*stopped/);
    });
  });

  Deno.test(`${lane} lane: a call that does not finish is cut off after the grace time`, async () => {
    await withServer(
      lane,
      async (server, client) => {
        const call = await importing(client);
        const started = performance.now();
        server.process.kill("SIGINT");
        assertEquals((await call.received).status.code, codes.UNAVAILABLE);
        const { code, stderr } = await server.process.end();
        const took = performance.now() - started;
        assertEquals(code, 0);
        assertMatch(stderr, /1 calls were cut off after the grace time/);
        assert(took >= 300 && took < 5000, `${took} ms`);
      },
      "--grace",
      "300ms",
    );
  });

  Deno.test(`${lane} lane: a second signal ends the server at once, and nothing acknowledged is lost`, async () => {
    await withDirectory(async (data) => {
      const server = await startServer({ data, args: ["--transport", lane, "--grace", "1h"] });
      const client = new TestClient(server.address, contractSchema());
      try {
        const call = await importing(client);
        server.process.kill("SIGTERM");
        await server.process.seen(/SIGTERM: stopping/, { on: "stderr" });
        server.process.kill("SIGTERM");
        assertEquals((await server.process.end({ withinMs: 3000 })).code, 1);
        assertEquals((await call.received).status.code, codes.UNAVAILABLE);
      } finally {
        client.close();
        await server.kill();
      }
      await using again = await startServer({ data });
      assertMatch(again.process.stdout, /at revision 1$/m);
    });
  });

  Deno.test(`${lane} lane: readers that have stopped reading do not hold the stop up`, async () => {
    await withServer(lane, async (server, client) => {
      const rows = Array.from(
        { length: 20_000 },
        (_, n) => ({ item: { name: `item ${n}`, location: "x".repeat(200) } }),
      );
      for (let start = 0; start < rows.length; start += 2000) {
        await client.call("inventory.Inventory/ImportItems", { rows: rows.slice(start, start + 2000) });
      }
      const stalled = [];
      try {
        for (const path of ["/inventory.Inventory/ListItems", "/inventory.Inventory/WatchItems"]) {
          stalled.push(await stalledCall(server.port, path, new Uint8Array()));
        }
        // A call through after them: they have been taken.
        await client.ask("grpc.health.v1.Health/Check");
        const started = performance.now();
        await server.stop();
        assert(performance.now() - started < 5000, `${performance.now() - started} ms`);
      } finally {
        for (const connection of stalled) connection.close();
      }
    });
  });

  Deno.test(`${lane} lane: an idle server with an open connection stops at once`, async () => {
    await withServer(lane, async (server, client) => {
      await client.ask("grpc.health.v1.Health/Check");
      const started = performance.now();
      await server.stop();
      assert(performance.now() - started < 3000, `${performance.now() - started} ms`);
    });
  });
}

Deno.test("a port that was just left can be had again at once", async () => {
  await withDirectory(async (data) => {
    const first = await startServer({ data });
    const client = new TestClient(first.address, contractSchema());
    await client.ask("grpc.health.v1.Health/Check");
    await first.stop();
    client.close();
    const second = await startServer({ data, port: first.port });
    assertEquals(second.address, first.address);
    await second.stop();
  });
});

Deno.test("a server whose log nobody reads any more serves on", async () => {
  await withDirectory(async (data) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--unstable-no-legacy-abort", `${ROOT}main.ts`]
        .concat(["--listen", "127.0.0.1:0", "--data", data]),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    try {
      await child.stderr.cancel();
      const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!/listening on \S+\n/.test(text)) {
        const { done, value } = await output.read();
        assert(!done, `it ended: ${text}`);
        text += value;
      }
      await output.cancel();
      const [, address] = /listening on (\S+)/.exec(text)!;
      // Calls of clients are logged within 50 ms, so the second comes after a line that could not be written.
      for (let call = 0; call < 2; call++) {
        const response = await fetch(`${address}/inventory.Inventory/GetItem`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "none" }),
        });
        assertEquals([response.status, (await response.json()).code], [404, "not_found"]);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    } finally {
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0);
    }
  });
});
