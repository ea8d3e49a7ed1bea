/**
 * The standard reflection service over the wire, in both versions. What it gives must satisfy an implementation that is
 * not ours: @bufbuild/protobuf.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { create, type DescFile, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { createFileRegistry, type FileRegistry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { status as codes } from "@grpc/grpc-js";
import { eachLane, plain, type Steward } from "../helpers/steward.ts";

const VERSIONS = ["v1", "v1alpha"] as const;
const SERVICES = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "inventory.Inventory",
  "taskmanager.TaskManager",
];

interface Answer {
  readonly file_descriptor_response: { readonly file_descriptor_proto: Uint8Array[] } | null;
  readonly list_services_response: { readonly service: { readonly name: string }[] } | null;
  readonly all_extension_numbers_response: { readonly base_type_name: string } | null;
  readonly error_response: { readonly error_code: number; readonly error_message: string } | null;
  readonly original_request: object;
}

/** Asks any number of questions in one stream. */
async function ask({ client }: Steward, version: string, ...questions: object[]): Promise<Answer[]> {
  const { messages, status } = await client.call(
    `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    questions,
  );
  assertEquals(status.code, codes.OK, status.details);
  assertEquals(messages.length, questions.length);
  return messages as unknown as Answer[];
}

function filesOf({ file_descriptor_response, error_response }: Answer): FileDescriptorProto[] {
  assertEquals(error_response, null);
  return file_descriptor_response!.file_descriptor_proto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

/** Resolves everything in the files, which fails unless they are whole: imports before those that import them. */
function registryOf(files: FileDescriptorProto[]): FileRegistry {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto) => {
    for (const name of file.dependency) {
      assert(byName.has(name), `${file.name} imports ${name}, which was not given`);
      visit(byName.get(name)!);
    }
    ordered.add(file);
  };
  files.forEach(visit);
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...ordered] }));
}

/** Every full name that a file declares. */
function* symbolsOf(file: DescFile): Generator<string> {
  function* messageSymbols(message: DescMessage): Generator<string> {
    yield message.typeName;
    for (const field of message.fields) yield `${message.typeName}.${field.name}`;
    for (const oneof of message.oneofs) yield `${message.typeName}.${oneof.name}`;
    for (const nested of message.nestedEnums) yield nested.typeName;
    for (const nested of message.nestedMessages) yield* messageSymbols(nested);
  }
  for (const message of file.messages) yield* messageSymbols(message);
  for (const { typeName } of file.enums) yield typeName;
  for (const { typeName, methods } of file.services) {
    yield typeName;
    for (const { name } of methods) yield `${typeName}.${name}`;
  }
}

for (const version of VERSIONS) {
  eachLane(`reflection ${version} lists every service, and each resolves with all that it needs`, async (steward) => {
    const [listed] = await ask(steward, version, { list_services: "*" });
    const names = listed!.list_services_response!.service.map(({ name }) => name);
    assertEquals([...names].sort(), SERVICES);
    const answers = await ask(steward, version, ...names.map((file_containing_symbol) => ({ file_containing_symbol })));
    for (const [index, answer] of answers.entries()) {
      const service = registryOf(filesOf(answer)).getService(names[index]!);
      const methods = steward.schema.services.get(names[index]!)!.methods;
      assertEquals(
        service?.methods.map((
          { name, methodKind, input, output },
        ) => [name, methodKind, input.typeName, output.typeName]),
        methods.map(({ name, kind, input, output }) => [name, kind, input.type, output.type]) as never,
      );
    }
  });

  eachLane(
    `reflection ${version} finds every file by its name, itself first, and every symbol in it`,
    async (steward) => {
      const names = new Set<string>();
      const symbols = new Map<string, string>();
      for (const file_containing_symbol of SERVICES) {
        const [answer] = await ask(steward, version, { file_containing_symbol });
        for (const file of registryOf(filesOf(answer!)).files) {
          names.add(file.proto.name);
          for (const symbol of symbolsOf(file)) symbols.set(symbol, file.proto.name);
        }
      }
      // The details of errors belong to no service, but a client needs them.
      for (const name of ["google/rpc/error_details.proto", "google/rpc/status.proto"]) names.add(name);
      for (const file_by_filename of names) {
        const [answer] = await ask(steward, version, { file_by_filename });
        const files = filesOf(answer!);
        assertEquals(files[0]!.name, file_by_filename);
        registryOf(files);
      }
      assert(symbols.size > 200, `${symbols.size} symbols`);
      const questions = [...symbols.keys()].map((file_containing_symbol) => ({ file_containing_symbol }));
      const answers = await ask(steward, version, ...questions);
      for (const [index, name] of [...symbols.values()].entries()) {
        assertEquals(filesOf(answers[index]!)[0]!.name, name, questions[index]!.file_containing_symbol);
      }
    },
  );

  eachLane(`reflection ${version} says what it does not know and goes on`, async (steward) => {
    const answers = await ask(
      steward,
      version,
      { file_by_filename: "nowhere.proto" },
      { file_containing_symbol: "no.Symbol" },
      { file_containing_symbol: "" },
      { all_extension_numbers_of_type: "no.Type" },
      { file_containing_extension: { containing_type: "inventory.Item", extension_number: 100 } },
      {},
    );
    assertEquals(answers.map(({ error_response }) => error_response!.error_code), [
      ...Array(5).fill(codes.NOT_FOUND),
      codes.INVALID_ARGUMENT,
    ]);
    assertEquals(answers[0]!.error_response!.error_message, "file 'nowhere.proto' not found");
    const [extensions, found] = await ask(
      steward,
      version,
      { all_extension_numbers_of_type: "inventory.Item" },
      { host: "here", file_by_filename: "inventory.proto" },
    );
    assertEquals(extensions!.all_extension_numbers_response!.base_type_name, "inventory.Item");
    const { host, file_by_filename } = plain(found!.original_request) as Record<string, unknown>;
    assertEquals([host, file_by_filename], ["here", "inventory.proto"]);
  });
}

eachLane("reflection answers each question before the next is asked", async ({ client }) => {
  const call = client.open("grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  for (let turn = 1; turn <= 5; turn++) {
    call.send({ file_by_filename: "inventory.proto" });
    await call.count(turn);
  }
  call.finish();
  assertEquals((await call.received).status.code, codes.OK);
});

eachLane("the descriptors keep what the contract says of methods, fields and oneofs", async (steward) => {
  const [answer] = await ask(steward, "v1", { file_containing_symbol: "taskmanager.TaskManager" });
  const registry = registryOf(filesOf(answer!));
  const task = registry.getMessage("taskmanager.Task")!;
  assertEquals(task.oneofs.map(({ name, fields }) => [name, fields.map((field) => field.name)]), [
    ["assignee", ["user_id", "team"]],
  ]);
  const service = registry.getService("taskmanager.TaskManager")!;
  assertEquals(
    service.methods.filter(({ idempotency }) => idempotency === 1).map(({ name }) => name),
    ["GetTask", "ListTasks"],
  );
  const [item] = await ask(steward, "v1", { file_containing_symbol: "inventory.Item" });
  const attributes = registryOf(filesOf(item!)).getMessage("inventory.Item")!.fields.find(({ name }) =>
    name === "attributes"
  );
  assertEquals([attributes?.fieldKind, attributes?.jsonName], ["map", "attributes"]);
});
