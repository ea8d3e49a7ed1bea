/**
 * Suites of others, written in Go: gRPC's interop cases both ways, Connect's conformance runner, and h2spec.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runClient } from "./helpers/client.ts";
import { type Ended, ROOT, TestProcess } from "./helpers/process.ts";
import { testsWith } from "./helpers/toolchain.ts";
import { certificateFile, keyFile } from "./interop_grpc/files.ts";

const testWithGo = await testsWith("go");

const BACKEND_METRICS = '{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}';

/** Every case of the official client that needs no cloud, with the flags that only it takes. */
const CLIENT_CASES: Readonly<Record<string, readonly string[]>> = {
  empty_unary: [],
  large_unary: [],
  client_streaming: [],
  server_streaming: [],
  ping_pong: [],
  empty_stream: [],
  timeout_on_sleeping_server: [],
  cancel_after_begin: [],
  cancel_after_first_response: [],
  status_code_and_message: [],
  special_status_message: [],
  custom_metadata: [],
  unimplemented_method: [],
  unimplemented_service: [],
  pick_first_unary: [],
  orca_per_rpc: ["-service_config_json", BACKEND_METRICS],
  orca_oob: ["-service_config_json", BACKEND_METRICS],
  rpc_soak: ["-soak_iterations", "40", "-soak_num_threads", "4"],
  channel_soak: ["-soak_iterations", "20"],
};
const CASE_MS = 30_000;

/** How our own server can be run. The second lane has no TLS. */
const SERVERS = [
  { name: "the native lane", args: ["native"] },
  { name: "the native lane over TLS", args: ["native", "tls"] },
  { name: "the grpc-js lane", args: ["grpc-js"] },
];

for (const { name, args } of SERVERS) {
  const tls = args.includes("tls");

  testWithGo(`gRPC's interop client in Go is content with ${name}`, async (folder, t) => {
    await using server = await startInteropServer(args);
    const shared = ["-server_host", "127.0.0.1", "-server_port", server.port];
    if (tls) shared.push("-use_tls", "-use_test_ca", "-ca_file", certificateFile, "-server_host_override", "localhost");
    let passed = 0;
    for (const [testCase, flags] of Object.entries(CLIENT_CASES)) {
      const ok = await t.step(testCase, async () => {
        const { code, stderr } = await run(`${folder}/grpc/client`, [...shared, "-test_case", testCase, ...flags]);
        assertEquals(code, 0, stderr);
      });
      if (ok) passed++;
    }
    console.log(`gRPC interop, client in Go, ${name}: ${passed} of ${Object.keys(CLIENT_CASES).length} passed`);
  });

  testWithGo(`our client passes the interop cases against ${name}`, async (_folder, t) => {
    await using server = await startInteropServer(args);
    await passCases(t, name, [server.address, "gzip", ...tls ? ["tls"] : []]);
  });
}

for (const tls of [false, true]) {
  const name = `gRPC's interop server in Go${tls ? " over TLS" : ""}`;
  testWithGo(`our client passes the interop cases against ${name}`, async (folder, t) => {
    await using server = await startGoServer(folder, tls);
    await passCases(t, name, [server.address, ...tls ? ["tls"] : []]);
  });
}

testWithGo("`steward call` says what gRPC's interop server in Go lacks", async (folder) => {
  await using server = await startGoServer(folder, false);
  const called = await runClient(["call", "grpc.testing.TestService/EmptyCall", "-d", "{}"], {
    server: server.address,
  });
  assertEquals([called.code, called.stdout], [76, ""]);
  assertStringIncludes(called.stderr, "the server does not offer reflection");
  const unknown = await runClient(["inventory", "get", "Widget"], { server: server.address });
  assertEquals([unknown.code, unknown.stdout], [76, ""]);
  assertStringIncludes(unknown.stderr, "unknown service inventory.Inventory");
});

for (const { name, args } of SERVERS) {
  testWithGo(`\`steward call\` makes interop calls by reflection on ${name}`, async () => {
    await using server = await startInteropServer(args);
    const env = args.includes("tls") ? { STEWARD_CA: certificateFile } : {};
    const call = (method: string, request: string, ...flags: string[]) =>
      runClient(["call", `grpc.testing.TestService/${method}`, "-d", request, ...flags], {
        server: server.address,
        env,
      });
    const empty = await call("EmptyCall", "{}");
    assertEquals([empty.code, JSON.parse(empty.stdout)], [0, {}], empty.stderr);
    const streamed = await call("StreamingOutputCall", '{"responseParameters":[{"size":1},{"size":2}]}', "-o", "jsonl");
    const bodies = streamed.stdout.trim().split("\n").map((line) => JSON.parse(line).payload.body);
    assertEquals([streamed.code, bodies], [0, ["AA==", "AAA="]], streamed.stderr);
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const failing = JSON.stringify({ responseStatus: { code: 2, message } });
    const failed = await call("UnaryCall", failing, "-o", "json", "--envelope");
    assertEquals([failed.code, JSON.parse(failed.stdout).status.message], [66, message]);
    const missing = await call("UnimplementedCall", "{}");
    assert(missing.code !== 0 && missing.stdout === "");
  });
}

testWithGo("Connect's conformance runner finds nothing wrong with the native lane", async (folder, t) => {
  const args = ["-v", "--mode", "server", "--conf", `${ROOT}tests/conformance/config.yaml`, "--", Deno.execPath()];
  args.push("run", "--no-check", "--unstable-no-legacy-abort", "-A", `${ROOT}tests/conformance/server.ts`);
  args.push(`${folder}/conformance/proto`);
  const { code, stdout, stderr } = await run(`${folder}/conformance/connectconformance`, args, { withinMs: 600_000 });
  const output = stdout + stderr;
  const failures = [...output.matchAll(/^FAILED: (\S.*?):?$/gm)].map(([, testCase]) => testCase!);
  const configurations = [...output.matchAll(/Running (\d+) tests .*\{HTTP_VERSION_(\d), PROTOCOL_(\w+), TLS:(\w+)/g)];
  const planned = new Map<string, number>();
  for (const [, count, version, protocol, tls] of configurations) {
    const key = `${protocol} over HTTP/${version}${tls === "true" ? " with TLS" : ""}`;
    planned.set(key, (planned.get(key) ?? 0) + Number(count));
  }
  for (const [key, count] of [...planned].sort()) {
    await t.step(`${key}: ${count} cases`, () => {
      const [, protocol, version] = /^(\w+) over HTTP\/(\d)/.exec(key)!;
      const tls = key.endsWith("TLS");
      const mine = failures.filter((failure) =>
        failure.includes(`Protocol:PROTOCOL_${protocol}/`) && failure.includes(`HTTPVersion:${version}/`) &&
        failure.includes(`TLS:${tls}`)
      );
      assertEquals(mine.slice(0, 10), [], `${mine.length} failed`);
    });
  }
  const [, total, passed, failed] = /Total cases: (\d+)\n(\d+) passed, (\d+) failed/.exec(output) ?? [];
  const said = output.slice(Math.max(0, output.indexOf("FAILED: "))).slice(0, 4000);
  assertEquals([code, failed, passed], [0, "0", total], said);
  assert(!output.includes("could not be run"), said);
  assertEquals([...planned.values()].reduce((sum, count) => sum + count, 0), Number(total));
  console.log(`Connect conformance: ${passed} of ${total} passed`);
  for (const [key, count] of [...planned].sort()) console.log(`  ${key}: ${count}`);
});

/**
 * How many cases of h2spec may fail, by section; every other must pass. It asks for a page that takes its time, so that
 * a fault in a request comes before its answer, but its POSTs are refused at once, since they are no calls. A fault that
 * comes after the answer is none any more: whether h2spec sees the answer first is a race.
 */
const H2SPEC_MAY_FAIL: Readonly<Record<string, number>> = { "http2/8.1": 1, "http2/8.1.2.1": 1, "http2/8.1.2.6": 2 };
/** Without TLS the port speaks HTTP/1.1 too, and answers an invalid preface in it before it hangs up. */
const H2SPEC_MAY_FAIL_PLAIN = { ...H2SPEC_MAY_FAIL, "http2/3.5": 1 };
/** Where there may be more when every answer comes at once. */
const H2SPEC_RACES = ["http2/5.1", "http2/6.9.1"];
const H2SPEC_CASES = 146;

for (const tls of [false, true]) {
  testWithGo(`h2spec finds no more than is known${tls ? " over TLS" : ""}`, async (folder, t) => {
    await using server = await startInteropServer(tls ? ["native", "tls"] : ["native"]);
    const sections = await runH2spec(folder, server, ["--path", "/late", ...tls ? ["--tls", "--insecure"] : []]);
    const mayFail: Readonly<Record<string, number>> = tls ? H2SPEC_MAY_FAIL : H2SPEC_MAY_FAIL_PLAIN;
    let passed = 0;
    for (const { id, name, tests, failed, output } of sections) {
      passed += tests - failed;
      await t.step(`${id} ${name}: ${tests - failed} of ${tests}`, () => {
        assert(failed <= (mayFail[id] ?? 0), output);
      });
    }
    console.log(`h2spec${tls ? " over TLS" : ""}: ${passed} of ${H2SPEC_CASES} passed`);
    await assertServes(folder, server, tls);
  });
}

testWithGo("h2spec neither stops nor hangs a server that answers before it has seen all", async (folder) => {
  await using server = await startInteropServer(["native"]);
  const sections = await runH2spec(folder, server, ["--path", "/"]);
  const mayFail: Readonly<Record<string, number>> = H2SPEC_MAY_FAIL_PLAIN;
  for (const { id, failed, output } of sections) {
    if (!H2SPEC_RACES.includes(id)) assert(failed <= (mayFail[id] ?? 0), output);
  }
  await assertServes(folder, server, false);
});

interface Section {
  /** Such as `http2/6.9.1`. */
  readonly id: string;
  readonly name: string;
  readonly tests: number;
  readonly failed: number;
  readonly output: string;
}

/** Runs every case of h2spec. What it reports as JUnit does is the tally. */
async function runH2spec(folder: string, server: InteropServer, flags: readonly string[]): Promise<Section[]> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const args = ["--strict", "--host", "127.0.0.1", "--port", server.port, "--junit-report", report, ...flags];
    const { stdout } = await run(`${folder}/h2spec/h2spec`, args, { withinMs: 300_000 });
    assertMatch(stdout, new RegExp(`^${H2SPEC_CASES} tests, `, "m"));
    const suites = (await Deno.readTextFile(report)).matchAll(
      /<testsuite name="[\d.]+ ([^"]*)" package="([^"]*)" id="[^"]*" tests="(\d+)" skipped="0" failures="(\d+)" errors="(\d+)"/g,
    );
    const sections = [...suites].map(([, name, id, tests, failures, errors]) => ({
      id: id!,
      name: name!,
      tests: Number(tests),
      failed: Number(failures) + Number(errors),
      output: stdout.slice(stdout.indexOf("Failures:")),
    }));
    assertEquals(sections.reduce((sum, { tests }) => sum + tests, 0), H2SPEC_CASES);
    return sections;
  } finally {
    await Deno.remove(report);
  }
}

async function assertServes(folder: string, server: InteropServer, tls: boolean): Promise<void> {
  assert(server.process.running, server.process.stderr);
  const args = ["-server_host", "127.0.0.1", "-server_port", server.port, "-test_case", "ping_pong"];
  if (tls) args.push("-use_tls", "-use_test_ca", "-ca_file", certificateFile, "-server_host_override", "localhost");
  const { code, stderr } = await run(`${folder}/grpc/client`, args);
  assertEquals(code, 0, stderr);
}

/** Runs interop_grpc/client.ts, a step for each case. */
async function passCases(t: Deno.TestContext, name: string, args: readonly string[]): Promise<void> {
  await using client = new TestProcess("tests/interop_grpc/client.ts", { args });
  const { code, stdout, stderr } = await client.end({ withinMs: 300_000 });
  assertEquals([code, stderr], [0, ""]);
  const outcomes = stdout.trim().split("\n").map((line) =>
    JSON.parse(line) as { name: string; failure: string | null }
  );
  assert(outcomes.length >= Object.keys(CLIENT_CASES).length);
  for (const { name, failure } of outcomes) {
    await t.step(name, () => {
      if (failure !== null) throw new Error(failure);
    });
  }
  const passed = outcomes.filter(({ failure }) => failure === null).length;
  console.log(`gRPC interop, our client, ${name}: ${passed} of ${outcomes.length} passed`);
}

interface InteropServer extends AsyncDisposable {
  readonly address: string;
  readonly port: string;
  readonly process: TestProcess;
}

/** Our own server with the services of the interop cases. */
async function startInteropServer(args: readonly string[]): Promise<InteropServer> {
  const process = new TestProcess("tests/interop_grpc/server.ts", {
    runtime: [Deno.execPath(), "run", "--quiet", "--unstable-no-legacy-abort", "-A"],
    args,
  });
  return await whenListening(process, "stdout", async () => {
    process.kill("SIGTERM");
    const { code, stderr } = await process.end();
    assertEquals(code, 0, stderr);
  });
}

async function startGoServer(folder: string, tls: boolean): Promise<InteropServer> {
  const process = program(`${folder}/grpc/server`, [
    "-port",
    "0",
    ...tls ? ["-use_tls", "-tls_cert_file", certificateFile, "-tls_key_file", keyFile] : [],
  ], { GRPC_GO_LOG_SEVERITY_LEVEL: "info" });
  return await whenListening(process, "stderr", () => process[Symbol.asyncDispose]());
}

async function whenListening(
  process: TestProcess,
  on: "stdout" | "stderr",
  stop: () => Promise<void>,
): Promise<InteropServer> {
  try {
    const [, port = ""] = await process.seen(/listening on \S+:(\d+)\s/, { on });
    return { address: `127.0.0.1:${port}`, port, process, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

async function run(path: string, args: readonly string[], { withinMs = CASE_MS } = {}): Promise<Ended> {
  await using process = program(path, args);
  return await process.end({ withinMs });
}

function program(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): TestProcess {
  return new TestProcess(null, { runtime: [path], args, env });
}
