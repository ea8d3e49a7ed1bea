/**
 * The contract, loaded from a folder of .proto files at startup.
 *
 * @module
 */
import { isAbsolute, join, sep } from "node:path";
import { loadSync, type PackageDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import { type Codec, codecOf } from "./codec.ts";

export type MethodKind = "unary" | "server_streaming" | "client_streaming" | "bidi_streaming";

/** One method of a service. */
export interface Method {
  /** As on the wire: `/inventory.Inventory/GetItem`. */
  readonly path: string;
  /** The full name of its service: `inventory.Inventory`. */
  readonly service: string;
  readonly name: string;
  readonly kind: MethodKind;
  readonly input: Codec;
  readonly output: Codec;
  /** True when the contract marks it `idempotency_level = NO_SIDE_EFFECTS`. */
  readonly sideEffectFree: boolean;
  /** What the contract says of it; empty when it says nothing. */
  readonly comment: string;
}

/** One service and its methods, in the order of the contract. */
export interface ServiceSchema {
  readonly name: string;
  readonly methods: readonly Method[];
  readonly comment: string;
}

/** A loaded contract. */
export interface Schema {
  /** By full name, in the order of the files. */
  readonly services: ReadonlyMap<string, ServiceSchema>;
  /** The reflection tree of protobufjs, with comments; `filename` of its objects is relative to the folder. */
  readonly root: protobuf.Root;
  /** The codec of a message type; throws when the contract has none of that name. */
  codec(type: string): Codec;
}

/**
 * Loads every .proto file below some folders, which are also where imports are looked up.
 *
 * @param directories The folders, such as `./proto`.
 * @throws When a file cannot be read or parsed, saying which and where.
 */
export function loadSchema(...directories: readonly string[]): Schema {
  const files = directories.flatMap(protoFiles);
  if (files.length === 0) throw new Error(`no .proto files in ${directories.join(", ")}`);
  // proto-loader says what the services are; protobufjs beneath it gives the codecs and the comments.
  const definition = loadSync(files, { keepCase: true, includeDirs: [...directories] });
  const root = loadRoot(directories, files);
  const codecs = new Map<string, Codec>();
  const codec = (type: string): Codec => {
    let known = codecs.get(type);
    if (known === undefined) codecs.set(type, known = codecOf(root.lookupType(type)));
    return known;
  };
  const services = new Map<string, ServiceSchema>();
  for (const service of servicesOf(root)) {
    const name = service.fullName.slice(1);
    services.set(name, {
      name,
      comment: service.comment ?? "",
      methods: service.methodsArray.map((method) => methodOf(method, serviceDefinition(definition, name), codec)),
    });
  }
  return { services, root, codec };
}

function methodOf(method: protobuf.Method, service: ServiceDefinition, codec: (type: string) => Codec): Method {
  const { path, requestStream, responseStream, options } = service[method.name]!;
  return {
    path,
    service: path.slice(1, path.lastIndexOf("/")),
    name: method.name,
    kind: requestStream
      ? (responseStream ? "bidi_streaming" : "client_streaming")
      : (responseStream ? "server_streaming" : "unary"),
    input: codec(method.resolvedRequestType!.fullName.slice(1)),
    output: codec(method.resolvedResponseType!.fullName.slice(1)),
    sideEffectFree: options.idempotency_level === "NO_SIDE_EFFECTS",
    comment: method.comment ?? "",
  };
}

function serviceDefinition(definition: PackageDefinition, name: string): ServiceDefinition {
  return definition[name] as ServiceDefinition;
}

function loadRoot(directories: readonly string[], files: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  const known = new Set(files);
  root.resolvePath = (_origin, target) => {
    if (isAbsolute(target) || known.has(target)) return target;
    const candidates = directories.map((directory) => join(directory, target));
    return candidates.find((candidate) => known.has(candidate)) ?? candidates[0]!;
  };
  root.loadSync([...files], { keepCase: true, alternateCommentMode: true });
  root.resolveAll();
  for (const directory of directories) relativeFilenames(root, join(directory, sep));
  return root;
}

/** As an import names them, and as reflection does. */
function relativeFilenames(object: protobuf.ReflectionObject, directory: string): void {
  const { filename } = object;
  if (filename?.startsWith(directory)) object.filename = filename.slice(directory.length).replaceAll(sep, "/");
  if (object instanceof protobuf.Namespace) {
    for (const nested of object.nestedArray) relativeFilenames(nested, directory);
  }
}

function servicesOf(namespace: protobuf.NamespaceBase): protobuf.Service[] {
  return namespace.nestedArray.flatMap((nested) =>
    nested instanceof protobuf.Service ? [nested] : nested instanceof protobuf.Namespace ? servicesOf(nested) : []
  );
}

function protoFiles(directory: string): string[] {
  const files: string[] = [];
  for (const entry of Deno.readDirSync(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) files.push(...protoFiles(path));
    else if (entry.name.endsWith(".proto")) files.push(path);
  }
  return files.sort();
}
