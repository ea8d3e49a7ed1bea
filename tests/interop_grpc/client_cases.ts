/**
 * gRPC's interop cases for a client, made with what the CLI makes its calls with. Each is called as
 * https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md calls it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import {
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import type { Callable, Connection, OpenCall } from "../../lib/cli/grpc/call.ts";
import { Code } from "../../lib/rpc/mod.ts";
import { Pipe } from "./pipe.ts";

const REQUEST_SIZES = [27182, 8, 1828, 45904];
const RESPONSE_SIZES = [31415, 9, 2653, 58979];
const LARGE_REQUEST = 271828;
const LARGE_RESPONSE = 314159;
const SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const LOAD = { cpuUtilization: 0.821, utilization: { util: 0.30499 } };
const SOAK_CALLS = 20;

/** How a case gets at the server. What it opens is closed after it. */
export interface Surroundings {
  readonly registry: FileRegistry;
  connect(
    options?: { readonly headers?: readonly [string, string][]; readonly timeoutMs?: number; readonly gzip?: boolean },
  ): Promise<Connection>;
}

type Case = (surroundings: Surroundings) => Promise<void>;

export const CASES: Readonly<Record<string, Case>> = {
  async empty_unary({ connect, registry }) {
    assertEquals(await ask(await connect(), method(registry, "EmptyCall"), {}), {});
  },

  async large_unary({ connect, registry }) {
    await largeUnary(await connect(), registry);
  },

  async client_streaming({ connect, registry }) {
    const wanted = method(registry, "StreamingInputCall");
    const requests = REQUEST_SIZES.map((size) => message(wanted, { payload: zeros(size) }));
    const answer = json(wanted, await (await connect()).single(wanted, requests));
    assertEquals(answer, { aggregatedPayloadSize: 74922 });
  },

  async server_streaming({ connect, registry }) {
    const wanted = method(registry, "StreamingOutputCall");
    const responseParameters = RESPONSE_SIZES.map((size) => ({ size }));
    const call = (await connect()).open(wanted, [message(wanted, { responseParameters })]);
    assertEquals(await sizes(call, wanted), RESPONSE_SIZES);
    assertEquals((await call.status).code, Code.OK);
  },

  async ping_pong({ connect, registry }) {
    const wanted = method(registry, "FullDuplexCall");
    const requests = new Pipe<Message>();
    const call = (await connect()).open(wanted, requests);
    const batches = call.batches[Symbol.asyncIterator]();
    for (const [index, size] of RESPONSE_SIZES.entries()) {
      requests.push(message(wanted, { responseParameters: [{ size }], payload: zeros(REQUEST_SIZES[index]!) }));
      const { value } = await batches.next();
      assertEquals(value?.map((answer: Message) => bodySize(wanted, answer)), [size]);
    }
    requests.end();
    assertEquals((await batches.next()).done, true);
    assertEquals((await call.status).code, Code.OK);
  },

  async half_duplex({ connect, registry }) {
    const wanted = method(registry, "HalfDuplexCall");
    const requests = RESPONSE_SIZES.map((size) => message(wanted, { responseParameters: [{ size }] }));
    const call = (await connect()).open(wanted, requests);
    assertEquals(await sizes(call, wanted), RESPONSE_SIZES);
    assertEquals((await call.status).code, Code.OK);
  },

  async empty_stream({ connect, registry }) {
    const wanted = method(registry, "FullDuplexCall");
    const call = (await connect()).open(wanted, []);
    assertEquals(await sizes(call, wanted), []);
    assertEquals((await call.status).code, Code.OK);
  },

  async timeout_on_sleeping_server({ connect, registry }) {
    const wanted = method(registry, "FullDuplexCall");
    const requests = new Pipe<Message>();
    requests.push(message(wanted, { payload: zeros(27182) }));
    const call = (await connect({ timeoutMs: 1 })).open(wanted, requests);
    assertEquals((await call.status).code, Code.DEADLINE_EXCEEDED);
    requests.end();
  },

  async cancel_after_begin({ connect, registry }) {
    const connection = await connect();
    // So that there is a connection, on which the metadata of the next call is sent at once.
    await ask(connection, method(registry, "EmptyCall"), {});
    const requests = new Pipe<Message>();
    const call = connection.open(method(registry, "StreamingInputCall"), requests);
    await new Promise((resolve) => setTimeout(resolve, 0));
    call.cancel();
    assertEquals((await call.status).code, Code.CANCELLED);
    requests.end();
  },

  async cancel_after_first_response({ connect, registry }) {
    const wanted = method(registry, "FullDuplexCall");
    const requests = new Pipe<Message>();
    const call = (await connect()).open(wanted, requests);
    requests.push(message(wanted, { responseParameters: [{ size: 31415 }], payload: zeros(27182) }));
    const { value } = await call.batches[Symbol.asyncIterator]().next();
    assertEquals(value?.map((answer: Message) => bodySize(wanted, answer)), [31415]);
    call.cancel();
    assertEquals((await call.status).code, Code.CANCELLED);
    requests.end();
  },

  async status_code_and_message({ connect, registry }) {
    const connection = await connect();
    for (const name of ["UnaryCall", "FullDuplexCall"]) {
      const wanted = method(registry, name);
      const responseStatus = { code: 2, message: "test status message" };
      const { code, message: text } = await connection.open(wanted, [message(wanted, { responseStatus })]).status;
      assertEquals([name, code, text], [name, Code.UNKNOWN, "test status message"]);
    }
  },

  async special_status_message({ connect, registry }) {
    const wanted = method(registry, "UnaryCall");
    const request = message(wanted, { responseStatus: { code: 2, message: SPECIAL_MESSAGE } });
    const { code, message: text } = await (await connect()).open(wanted, [request]).status;
    assertEquals([code, text], [Code.UNKNOWN, SPECIAL_MESSAGE]);
  },

  async custom_metadata({ connect, registry }) {
    const trailing = Buffer.from([10, 11, 10, 11, 10, 11]).toString("base64");
    const connection = await connect({
      headers: [
        ["x-grpc-test-echo-initial", "test_initial_metadata_value"],
        ["x-grpc-test-echo-trailing-bin", trailing],
      ],
    });
    for (const [name, request] of [["UnaryCall", { responseSize: 1 }], ["FullDuplexCall", ONE_BYTE]] as const) {
      const wanted = method(registry, name);
      const call = connection.open(wanted, [message(wanted, request)]);
      assertEquals(await sizes(call, wanted), [1]);
      assertEquals((await call.headers)?.["x-grpc-test-echo-initial"], ["test_initial_metadata_value"]);
      assertEquals((await call.status).trailers["x-grpc-test-echo-trailing-bin"], [trailing]);
    }
  },

  async unimplemented_method({ connect, registry }) {
    const unknown: Callable = { ...method(registry, "EmptyCall"), name: "UnimplementedCall" };
    await refusedAsUnimplemented(await connect(), unknown, registry);
  },

  async unimplemented_service({ connect, registry }) {
    const unknown = registry.getService("grpc.testing.UnimplementedService")!.method.unimplementedCall!;
    await refusedAsUnimplemented(await connect(), unknown, registry);
  },

  async pick_first_unary({ connect, registry }) {
    const connection = await connect();
    const servers = new Set<unknown>();
    for (let made = 0; made < 100; made++) {
      const { serverId } = await ask(connection, method(registry, "UnaryCall"), {
        responseSize: 1,
        fillServerId: true,
      });
      servers.add(serverId);
    }
    assertEquals(servers.size, 1);
  },

  async orca_per_rpc({ connect, registry }) {
    const wanted = method(registry, "UnaryCall");
    const orcaPerQueryReport = { ...LOAD, memoryUtilization: 0.5847, requestCost: { cost: 3456.32 } };
    const call = (await connect()).open(wanted, [message(wanted, { orcaPerQueryReport })]);
    assertEquals(await sizes(call, wanted), [0]);
    const { trailers } = await call.status;
    const [report] = trailers["endpoint-load-metrics-bin"] ?? [];
    assert(report !== undefined, "the trailers have no load report");
    const type = registry.getMessage("xds.data.orca.v3.OrcaLoadReport")!;
    assertEquals(toJson(type, fromBinary(type, Buffer.from(report, "base64"))), {
      ...LOAD,
      memUtilization: 0.5847,
      requestCost: { cost: 3456.32 },
    });
  },

  async orca_oob({ connect, registry }) {
    const connection = await connect();
    const wanted = method(registry, "FullDuplexCall");
    const requests = new Pipe<Message>();
    const call = connection.open(wanted, requests);
    requests.push(message(wanted, { ...ONE_BYTE, orcaOobReport: { ...LOAD, memoryUtilization: 0.5847 } }));
    await call.batches[Symbol.asyncIterator]().next();
    const reporting = registry.getService("xds.service.orca.v3.OpenRcaService")!.method.streamCoreMetrics!;
    const reports = connection.open(reporting, [message(reporting, { reportInterval: "1s" })]);
    const { value } = await reports.batches[Symbol.asyncIterator]().next();
    assertEquals(json(reporting, value[0]), { ...LOAD, memUtilization: 0.5847 });
    reports.cancel();
    requests.end();
    assertEquals((await call.status).code, Code.OK);
  },

  async rpc_soak({ connect, registry }) {
    const connection = await connect();
    for (let made = 0; made < SOAK_CALLS; made++) await largeUnary(connection, registry);
  },

  async channel_soak({ connect, registry }) {
    for (let made = 0; made < SOAK_CALLS; made++) {
      const connection = await connect();
      await largeUnary(connection, registry);
      connection.close();
    }
  },
};

const ONE_BYTE = { responseParameters: [{ size: 1 }] };

/** For servers that take gzip, which Go's has not. */
export const GZIP_CASES: Readonly<Record<string, Case>> = {
  async compressed_unary({ connect, registry }) {
    await largeUnary(await connect({ gzip: true }), registry);
  },

  async compressed_streaming({ connect, registry }) {
    const wanted = method(registry, "FullDuplexCall");
    const requests = RESPONSE_SIZES.map((size) =>
      message(wanted, { responseParameters: [{ size }], payload: zeros(LARGE_REQUEST) })
    );
    const call = (await connect({ gzip: true })).open(wanted, requests);
    assertEquals(await sizes(call, wanted), RESPONSE_SIZES);
    assertEquals((await call.status).code, Code.OK);
  },
};

async function largeUnary(connection: Connection, registry: FileRegistry): Promise<void> {
  const wanted = method(registry, "UnaryCall");
  const request = { responseSize: LARGE_RESPONSE, payload: zeros(LARGE_REQUEST) };
  const answer = await connection.unary(wanted, message(wanted, request));
  assertEquals(bodySize(wanted, answer), LARGE_RESPONSE);
}

async function refusedAsUnimplemented(connection: Connection, unknown: Callable, registry: FileRegistry) {
  const { code } = await connection.open(unknown, [message(method(registry, "EmptyCall"), {})]).status;
  assertEquals(code, Code.UNIMPLEMENTED);
}

async function ask(connection: Connection, wanted: DescMethod, request: JsonObject): Promise<JsonObject> {
  return json(wanted, await connection.unary(wanted, message(wanted, request)));
}

/** The sizes of the payloads of all answers. */
async function sizes(call: OpenCall, wanted: DescMethod): Promise<number[]> {
  const all: number[] = [];
  for await (const batch of call.batches) all.push(...batch.map((answer) => bodySize(wanted, answer)));
  return all;
}

function method(registry: FileRegistry, name: string): DescMethod {
  return registry.getService("grpc.testing.TestService")!.methods.find((one) => one.name === name)!;
}

function message({ input }: DescMethod, value: JsonObject): Message {
  return fromJson(input, value);
}

function json({ output }: DescMethod, answer: Message): JsonObject {
  return toJson(output, answer) as JsonObject;
}

function zeros(size: number): JsonObject {
  return { body: Buffer.alloc(size).toString("base64") };
}

function bodySize(wanted: DescMethod, answer: Message): number {
  const { payload } = json(wanted, answer) as { payload?: { body?: string } };
  return Buffer.from(payload?.body ?? "", "base64").length;
}
