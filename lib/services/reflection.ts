/**
 * The standard reflection service, in both versions: they differ in their package only.
 *
 * @module
 */
import { toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type Batches, Code, type Implementation, type Init } from "../rpc/mod.ts";
import { fileDescriptors } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";
import type { Schema } from "../schema/mod.ts";

type Request = pb.ServerReflectionRequest;
type Answer = Omit<Init<pb.ServerReflectionResponse>, "valid_host" | "original_request">;

/** @param services The full names of the services that the server has. */
export function reflectionService(
  schema: Schema,
  services: readonly string[],
): Implementation<"grpc.reflection.v1.ServerReflection"> {
  let index: DescriptorIndex | undefined;
  return {
    async *ServerReflectionInfo(requests: Batches<Request>): Batches<Init<pb.ServerReflectionResponse>> {
      index ??= new DescriptorIndex(fileDescriptors(schema.root));
      for await (const batch of requests) {
        yield batch.map((request) => ({
          valid_host: request.host,
          original_request: request,
          ...answer(request, index!, services),
        }));
      }
    },
  };
}

function answer(request: Request, index: DescriptorIndex, services: readonly string[]): Answer {
  switch (request.message_request) {
    case "list_services":
      return { list_services_response: { service: services.map((name) => ({ name })) } };
    case "file_by_filename":
      return files(index.byName(request.file_by_filename), `file '${request.file_by_filename}'`);
    case "file_containing_symbol":
      return files(index.bySymbol(request.file_containing_symbol), `symbol '${request.file_containing_symbol}'`);
    case "file_containing_extension":
      return notFound("extension");
    case "all_extension_numbers_of_type": {
      const type = request.all_extension_numbers_of_type;
      if (!index.bySymbol(type)) return notFound(`type '${type}'`);
      return { all_extension_numbers_response: { base_type_name: type, extension_number: [] } };
    }
    default:
      return { error_response: { error_code: Code.INVALID_ARGUMENT, error_message: "no question asked" } };
  }
}

function files(found: readonly Uint8Array[] | undefined, what: string): Answer {
  return found ? { file_descriptor_response: { file_descriptor_proto: found } } : notFound(what);
}

function notFound(what: string): Answer {
  return { error_response: { error_code: Code.NOT_FOUND, error_message: `${what} not found` } };
}

/** Finds files by name, and by every symbol that they declare. */
class DescriptorIndex {
  readonly #files = new Map<string, { file: FileDescriptorProto; bytes: Uint8Array }>();
  readonly #symbols = new Map<string, string>();

  constructor(descriptors: readonly FileDescriptorProto[]) {
    for (const file of descriptors) {
      this.#files.set(file.name, { file, bytes: toBinary(FileDescriptorProtoSchema, file) });
      for (const symbol of symbolsOf(file)) this.#symbols.set(symbol, file.name);
    }
  }

  /** The file and all that it imports, itself first. */
  byName(name: string): Uint8Array[] | undefined {
    if (!this.#files.has(name)) return undefined;
    const names = new Set([name]);
    // A set is iterated in the order of insertion, also over what is added meanwhile.
    for (const next of names) for (const imported of this.#files.get(next)!.file.dependency) names.add(imported);
    return [...names].map((each) => this.#files.get(each)!.bytes);
  }

  bySymbol(symbol: string): Uint8Array[] | undefined {
    const name = this.#symbols.get(symbol);
    return name === undefined ? undefined : this.byName(name);
  }
}

interface Scope {
  readonly name: string;
  readonly field?: readonly { readonly name: string }[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly nestedType?: readonly Scope[];
  readonly enumType: readonly { readonly name: string; readonly value: readonly { readonly name: string }[] }[];
}

function* symbolsOf(file: FileDescriptorProto): Generator<string> {
  yield* scopeSymbols({ name: "", enumType: file.enumType, nestedType: file.messageType }, file.package);
  for (const { name, method } of file.service) {
    yield `${file.package}.${name}`;
    for (const { name: methodName } of method) yield `${file.package}.${name}.${methodName}`;
  }
}

function* scopeSymbols(scope: Scope, prefix: string): Generator<string> {
  for (const { name, value } of scope.enumType) {
    yield `${prefix}.${name}`;
    // The values of an enum stand beside it, not in it, as in C++.
    for (const { name: valueName } of value) yield `${prefix}.${valueName}`;
  }
  for (const message of scope.nestedType ?? []) {
    const full = `${prefix}.${message.name}`;
    yield full;
    for (const { name } of [...message.field ?? [], ...message.oneofDecl ?? []]) yield `${full}.${name}`;
    yield* scopeSymbols(message, full);
  }
}
