/**
 * `call`, `list` and `describe` against servers that answer reflection in other ways than ours.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  create,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runClient } from "../helpers/client.ts";
import { contract, method } from "../helpers/contract.ts";

/** Two files that the contract does not have, the first of which needs the second and a well-known one. */
const FILES = [
  create(FileDescriptorProtoSchema, {
    name: "shop.proto",
    package: "shop",
    syntax: "proto3",
    dependency: ["goods.proto", "google/protobuf/timestamp.proto"],
    messageType: [{
      name: "Order",
      field: [
        field("goods", 1, Type.MESSAGE, ".goods.Goods"),
        field("at", 2, Type.MESSAGE, ".google.protobuf.Timestamp"),
      ],
    }],
    service: [{ name: "Shop", method: [{ name: "Buy", inputType: ".shop.Order", outputType: ".shop.Order" }] }],
  }),
  create(FileDescriptorProtoSchema, {
    name: "goods.proto",
    package: "goods",
    syntax: "proto3",
    messageType: [{ name: "Goods", field: [field("name", 1, Type.STRING)] }],
  }),
];

function field(name: string, number: number, type: Type, typeName = "") {
  return { name, jsonName: name, number, type, typeName, label: Label.OPTIONAL };
}

/** A server with reflection of one version, which gives a file at a time and no well-known ones. */
async function reflectingServer(version: string): Promise<AsyncDisposable & { address: string }> {
  const info = method(`${version}/ServerReflectionInfo`);
  const { registry } = contract();
  const server = new grpc.Server();
  const answer = (request: JsonObject): JsonObject => {
    const file = FILES.find(({ name, package: scope }) =>
      request.fileByFilename === name || String(request.fileContainingSymbol ?? "").startsWith(`${scope}.`)
    );
    if (request.listServices !== undefined) return { listServicesResponse: { service: [{ name: "shop.Shop" }] } };
    if (file === undefined) return { errorResponse: { errorCode: 5, errorMessage: "no such thing" } };
    return { fileDescriptorResponse: { fileDescriptorProto: [bytesOf(file)] } };
  };
  server.addService(
    { Info: definition(info, `/${version}/ServerReflectionInfo`, true) },
    {
      Info: (call: grpc.ServerDuplexStream<Message, Message>) => {
        call.on("data", (request: Message) => {
          call.write(
            fromJson(info.output, answer(toJson(info.input, request, { registry }) as JsonObject), { registry }),
          );
        });
        call.on("end", () => call.end());
      },
    },
  );
  server.addService(
    {
      Buy: {
        path: "/shop.Shop/Buy",
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      Buy: (call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: grpc.sendUnaryData<Buffer>) => reply(null, call.request),
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      "127.0.0.1:0",
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => error ? reject(error) : resolve(bound),
    )
  );
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
  };
}

function bytesOf(file: FileDescriptorProto): string {
  return toBinary(FileDescriptorProtoSchema, file).toBase64();
}

function definition({ input, output }: DescMethod, path: string, stream: boolean) {
  return {
    path,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: (message: Message) => Buffer.from(toBinary(input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
    responseSerialize: (message: Message) => Buffer.from(toBinary(output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
  };
}

for (const version of ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]) {
  Deno.test(`a foreign server is called, listed and described by ${version} alone`, async () => {
    await using started = await reflectingServer(version);
    const server = started.address;
    const json = '{"goods":{"name":"Bolt"},"at":"2026-05-04T08:30:00Z"}';
    const called = await runClient(["call", "shop.Shop/Buy", "-d", json, "-o", "jsonl"], { server });
    assertEquals([called.code, called.stdout, called.stderr], [0, `${json}\n`, ""]);
    assertEquals((await runClient(["list"], { server })).stdout, "shop.Shop\n");
    assertEquals(
      (await runClient(["list", "shop.Shop"], { server })).stdout,
      "shop.Shop/Buy  (Order) returns (Order)\n",
    );
    assertEquals(
      (await runClient(["describe", "shop.Order"], { server })).stdout,
      "message shop.Order {\n  goods.Goods goods = 1;\n  google.protobuf.Timestamp at = 2;\n}\n",
    );
    const unknown = await runClient(["describe", "nope.Nope"], { server });
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.stderr, "the server knows no 'nope.Nope'");
  });
}
