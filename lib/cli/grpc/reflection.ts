/**
 * Types of any server, by the reflection protocol: v1, or v1alpha where that is all there is.
 *
 * @module
 */
import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescService,
  type FileRegistry,
  fromBinary,
  type JsonObject,
  mergeFromJson,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import {
  type DescriptorProto,
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import type { Contract } from "../contract.ts";
import type { Context } from "../context.ts";
import { CallError, LocalError } from "../failure.ts";
import { type Connection, nameOf } from "./call.ts";

/** Files that servers often leave out of their answers, because every compiler has them. */
const WELL_KNOWN = new Map(
  [
    file_google_protobuf_any,
    file_google_protobuf_api,
    file_google_protobuf_descriptor,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_source_context,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_type,
    file_google_protobuf_wrappers,
  ].map(({ proto }) => [proto.name, proto]),
);

const UNIMPLEMENTED = 12;
const NOT_FOUND = 5;
const VERSIONS = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/** Asks a server for its types. */
export class Reflection {
  readonly #context: Context;
  readonly #connection: Connection;
  #method: DescMethod | undefined;

  constructor(context: Context, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
  }

  /** The full names of the services, sorted. */
  async services(): Promise<string[]> {
    const [answer] = await this.#ask([{ listServices: "*" }]);
    const { service = [] } = (answer?.listServicesResponse ?? {}) as { service?: { name: string }[] };
    return service.map(({ name }) => name).sort();
  }

  /** A registry that holds the symbol and all it depends on; undefined when the server does not know it. */
  async registryOf(symbol: string): Promise<FileRegistry | undefined> {
    const files = new Map<string, FileDescriptorProto>();
    if (!await this.#fetch([{ fileContainingSymbol: symbol }], files)) return undefined;
    while (true) {
      const missing = [...new Set([...files.values()].flatMap(({ dependency }) => dependency))]
        .filter((name) => !files.has(name));
      if (missing.length === 0) break;
      const asked: string[] = [];
      for (const name of missing) {
        const known = WELL_KNOWN.get(name);
        if (known === undefined) asked.push(name);
        else files.set(name, known);
      }
      if (asked.length === 0) continue;
      await this.#fetch(asked.map((name) => ({ fileByFilename: name })), files);
      const absent = asked.find((name) => !files.has(name));
      if (absent !== undefined) {
        throw new LocalError(`the server does not give the file ${absent}, which ${symbol} needs`);
      }
    }
    return createFileRegistry(create(FileDescriptorSetSchema, { file: inOrder(files) }));
  }

  async #fetch(requests: readonly JsonObject[], files: Map<string, FileDescriptorProto>): Promise<boolean> {
    let found = false;
    for (const answer of await this.#ask(requests)) {
      const { fileDescriptorProto = [] } = (answer.fileDescriptorResponse ?? {}) as { fileDescriptorProto?: string[] };
      for (const base64 of fileDescriptorProto) {
        const file = fromBinary(FileDescriptorProtoSchema, Uint8Array.fromBase64(base64));
        addJsonNames(file.messageType);
        files.set(file.name, file);
        found = true;
      }
    }
    return found;
  }

  /** The answers, an unknown symbol being an empty one. */
  async #ask(requests: readonly JsonObject[]): Promise<JsonObject[]> {
    if (this.#method !== undefined) return await this.#askWith(this.#method, requests);
    let refusal: unknown;
    for (const version of VERSIONS) {
      const method = this.#context.contract().registry.getService(version)?.methods[0];
      if (method === undefined) continue;
      try {
        const answers = await this.#askWith(method, requests);
        this.#method = method;
        return answers;
      } catch (error) {
        if (!(error instanceof CallError) || error.status.code !== UNIMPLEMENTED) throw error;
        refusal = error;
      }
    }
    const status = (refusal as CallError).status;
    throw new CallError(VERSIONS[0]!, { ...status, message: "the server does not offer reflection" }, NO_REFLECTION);
  }

  async #askWith(method: DescMethod, requests: readonly JsonObject[]): Promise<JsonObject[]> {
    const { registry } = this.#context.contract();
    const messages: Message[] = requests.map((request) => {
      const message = create(method.input);
      mergeFromJson(method.input, message, request);
      return message;
    });
    const call = this.#connection.open(method, messages, { signal: this.#context.signal });
    const answers: JsonObject[] = [];
    for await (const batch of call.batches) {
      for (const message of batch) answers.push(toJson(method.output, message, { registry }) as JsonObject);
    }
    const status = await call.status;
    if (status.code !== 0) throw new CallError(nameOf(method), status);
    for (const { errorResponse } of answers) {
      const error = errorResponse as { errorCode?: number; errorMessage?: string } | undefined;
      if (error === undefined || error.errorCode === NOT_FOUND) continue;
      throw new CallError(nameOf(method), { ...status, code: error.errorCode ?? 2, message: error.errorMessage ?? "" });
    }
    return answers;
  }
}

const NO_REFLECTION = "`steward inventory` and the other commands of the contract do not need it";

/** Servers in Python and C++ leave out the JSON names that follow from the names, which a registry does not. */
function addJsonNames(messages: readonly DescriptorProto[]): void {
  for (const { field, nestedType } of messages) {
    for (const one of field) one.jsonName ||= protoCamelCase(one.name);
    addJsonNames(nestedType);
  }
}

/** Each file after those it imports, as a registry wants them. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visit = (name: string) => {
    const file = files.get(name);
    if (file === undefined || ordered.has(file)) return;
    for (const dependency of file.dependency) visit(dependency);
    ordered.add(file);
  };
  for (const name of files.keys()) visit(name);
  return [...ordered];
}

/** A service of the server; the contract's own where the server offers no reflection. */
export async function findService(
  reflection: Reflection,
  contract: Contract,
  name: string,
): Promise<{ service: DescService; registry: FileRegistry } | undefined> {
  let registry: FileRegistry | undefined;
  try {
    registry = await reflection.registryOf(name);
  } catch (error) {
    if (!(error instanceof CallError) || error.status.code !== UNIMPLEMENTED) throw error;
    registry = contract.registry;
    if (registry.getService(name) === undefined) throw error;
  }
  const service = registry?.getService(name);
  return registry !== undefined && service !== undefined ? { service, registry } : undefined;
}
