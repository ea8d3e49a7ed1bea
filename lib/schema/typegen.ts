/**
 * TypeScript types of the contract, so that handlers are checked against it. `deno task gen` writes them.
 *
 * @module
 */
import protobuf from "protobufjs";
import type { Schema } from "./schema.ts";

const SCALARS: Record<string, string> = {
  string: "string",
  bool: "boolean",
  bytes: "Uint8Array",
};

/** The text of `contract.gen.ts` for a schema. */
export function generateTypes(schema: Schema): string {
  const names = typeNames(schema.root);
  const nameOf = (object: protobuf.ReflectionObject) => names.get(object)!;
  const out = [
    "// Written by `deno task gen` from proto/. Do not edit.",
    "// Names are those of the .proto files; 64-bit integers are numbers; a message that is absent is null.",
    "// deno-lint-ignore-file camelcase no-empty-interface",
    "",
  ];
  for (const [object, name] of names) {
    if (object instanceof protobuf.Enum) {
      out.push(...comment(object.comment, ""), `export const ${name} = {`);
      for (const [key, value] of Object.entries(object.values)) {
        out.push(...comment(object.comments[key], "  "), `  ${key}: ${value},`);
      }
      out.push("} as const;", "");
    } else if (object instanceof protobuf.Type) {
      out.push(...comment(object.comment, ""), `export interface ${name} {`);
      for (const field of object.fieldsArray) {
        out.push(...comment(field.comment, "  "), `  ${field.name}: ${fieldType(field, nameOf)};`);
      }
      for (const oneof of object.oneofsArray.filter(({ fieldsArray }) => !isOptional(fieldsArray[0]!))) {
        const set = oneof.fieldsArray.map((field) => JSON.stringify(field.name)).join(" | ");
        out.push("  /** Which of the fields is set. Not written. */", `  readonly ${oneof.name}?: ${set};`);
      }
      out.push("}", "");
    }
  }
  out.push(
    "/** Every method of every service: its kind, what it takes and what it answers. */",
    "export interface Services {",
  );
  for (const service of schema.services.values()) {
    const reflected = schema.root.lookupService(service.name);
    out.push(`  ${JSON.stringify(service.name)}: {`);
    for (const { name, kind } of service.methods) {
      const method = reflected.methods[name]!;
      const input = nameOf(method.resolvedRequestType!);
      const output = nameOf(method.resolvedResponseType!);
      out.push(`    ${name}: { kind: ${JSON.stringify(kind)}; input: ${input}; output: ${output} };`);
    }
    out.push("  };");
  }
  out.push("}", "");
  return out.join("\n");
}

/** A short name for each type: its own, with its parents' if nested, with its package's last part if taken. */
function typeNames(root: protobuf.Root): Map<protobuf.ReflectionObject, string> {
  const names = new Map<protobuf.ReflectionObject, string>();
  const taken = new Set<string>();
  const visit = (namespace: protobuf.NamespaceBase, prefix: string) => {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Type || object instanceof protobuf.Enum) {
        const short = prefix + object.name;
        const name = taken.has(short) ? short + capital(namespace.name) : short;
        taken.add(name);
        names.set(object, name);
        if (object instanceof protobuf.Type) visit(object, `${name}_`);
      } else if (object instanceof protobuf.Namespace && !(object instanceof protobuf.Service)) visit(object, "");
    }
  };
  visit(root, "");
  return names;
}

function fieldType(field: protobuf.Field, nameOf: (object: protobuf.ReflectionObject) => string): string {
  const { resolvedType } = field;
  const single = resolvedType instanceof protobuf.Type
    ? nameOf(resolvedType)
    : resolvedType
    ? "number"
    : SCALARS[field.type] ?? "number";
  if (field.map) return `Record<string, ${single}>`;
  if (field.repeated) return `${single}[]`;
  return resolvedType instanceof protobuf.Type || isOptional(field) ? `${single} | null` : single;
}

function isOptional(field: protobuf.Field): boolean {
  return field.options?.proto3_optional === true;
}

function comment(text: string | null | undefined, indent: string): string[] {
  if (!text) return [];
  const lines = text.split("\n");
  if (lines.length === 1) return [`${indent}/** ${text} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
