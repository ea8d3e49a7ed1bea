/**
 * The contract as commands see it: types, comments, groups.
 *
 * @module
 */
import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescMessage,
  DescMethod,
  DescService,
  FileRegistry,
} from "@bufbuild/protobuf";
import protobuf from "protobufjs";
import { fileDescriptors, loadSchema, typeRegistry } from "../schema/mod.ts";
import { type Group, groupsOf } from "./groups.ts";

/** What has a comment in a .proto file. */
export type Described = DescService | DescMethod | DescMessage | DescField | DescEnum | DescEnumValue;

export interface Contract {
  readonly registry: FileRegistry;
  readonly groups: readonly Group[];
  /** What the contract says of it, as paragraphs without line breaks inside; empty when it says nothing. */
  comment(of: Described): string;
}

/**
 * Loads the contract.
 *
 * @param directory The folder of .proto files.
 */
export function loadContract(directory: string): Contract {
  const { root } = loadSchema(directory);
  const registry = typeRegistry(fileDescriptors(root));
  const services = [...registry].filter((type) => type.kind === "service");
  return { registry, groups: groupsOf(services), comment: (of) => commentIn(root, of) };
}

function commentIn(root: protobuf.Root, of: Described): string {
  const text = rawComment(root, of);
  const reference = /^See (\w+)\.(\w+)\.$/.exec(text);
  if (!reference || of.kind !== "field") return paragraphs(text);
  const scope = of.parent.file.proto.package;
  const target = lookup(root, `${scope}.${reference[1]}`);
  const field = target instanceof protobuf.Type ? target.fields[reference[2]!] : undefined;
  return paragraphs(field?.comment ?? text);
}

function rawComment(root: protobuf.Root, of: Described): string {
  switch (of.kind) {
    case "rpc": {
      const service = lookup(root, of.parent.typeName);
      return service instanceof protobuf.Service ? service.methods[of.name]?.comment ?? "" : "";
    }
    case "field": {
      const message = lookup(root, of.parent.typeName);
      return message instanceof protobuf.Type ? message.fields[of.name]?.comment ?? "" : "";
    }
    case "enum_value": {
      const type = lookup(root, of.parent.typeName);
      return type instanceof protobuf.Enum ? type.comments[of.name] ?? "" : "";
    }
    default:
      return lookup(root, of.typeName)?.comment ?? "";
  }
}

function lookup(root: protobuf.Root, typeName: string): protobuf.ReflectionObject | null {
  return root.lookup(typeName);
}

function paragraphs(text: string): string {
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s*\n\s*/g, " ").trim()).join("\n\n");
}
