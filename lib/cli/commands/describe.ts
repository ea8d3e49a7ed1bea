/**
 * `steward describe`
 *
 * @module
 */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  type FileRegistry,
  type JsonValue,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import {
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import type { Described } from "../contract.ts";
import { CallError, Exit, LocalError, UsageError } from "../failure.ts";
import { Reflection } from "../grpc/reflection.ts";
import { signature } from "./list.ts";

type Describable = DescService | DescMethod | DescMessage | DescEnum;

export const describe: Command = {
  path: "describe",
  usage: "SYMBOL [FLAGS]",
  summary: "Show the definition of a service, method, message or enum of any gRPC server.",
  flags: [],
  examples: ["describe inventory.Inventory", "describe inventory.Inventory/WatchItems", "describe taskmanager.Task"],
  arguments: ({ contract }) => [...contract().registry].map(({ typeName }) => typeName),
  async run(context) {
    const [given, surplus] = context.parsed.positionals;
    if (given === undefined) throw new UsageError("describe needs a symbol", "`steward list` shows the services");
    if (surplus !== undefined) throw new UsageError(`unexpected argument '${surplus}'`);
    const symbol = given.replace(/^\//, "").replace("/", ".");
    const found = await find(context, symbol);
    if (found === undefined) {
      throw new LocalError(`the server knows no '${symbol}'`, "names are complete, such as inventory.Item");
    }
    const { format } = context.settings;
    if (format === undefined || format === "table") await context.terminal.out(text(found, context.contract().comment));
    else {
      const json = descriptorJson(found);
      const { stringify } = await import("yaml");
      await context.terminal.out(
        format === "yaml" ? stringify(json) : JSON.stringify(json, null, format === "json" ? 2 : undefined) + "\n",
      );
    }
    return Exit.OK;
  },
};

async function find(context: Context, symbol: string): Promise<Describable | undefined> {
  const reflection = new Reflection(context, await context.connect());
  try {
    let registry = await reflection.registryOf(symbol);
    // Not every server finds a method by its name; all find its service.
    if (symbol.includes(".")) registry ??= await reflection.registryOf(parentOf(symbol));
    return registry && lookUp(registry, symbol);
  } catch (error) {
    const unimplemented = 12;
    const own = lookUp(context.contract().registry, symbol);
    if (own !== undefined && error instanceof CallError && error.status.code === unimplemented) return own;
    throw error;
  }
}

function lookUp(registry: FileRegistry, symbol: string): Describable | undefined {
  const type = registry.get(symbol);
  if (type !== undefined && type.kind !== "extension") return type;
  const parent = registry.get(parentOf(symbol));
  const name = symbol.slice(symbol.lastIndexOf(".") + 1);
  if (parent?.kind === "service") return parent.methods.find((method) => method.name === name);
  return parent?.kind === "message" ? parent : undefined;
}

function parentOf(symbol: string): string {
  return symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
}

function descriptorJson(of: Describable): JsonValue {
  switch (of.kind) {
    case "service":
      return toJson(ServiceDescriptorProtoSchema, of.proto);
    case "rpc":
      return toJson(MethodDescriptorProtoSchema, of.proto);
    case "message":
      return toJson(DescriptorProtoSchema, of.proto);
    case "enum":
      return toJson(EnumDescriptorProtoSchema, of.proto);
  }
}

type Comment = (of: Described) => string;

/**
 * The definition as a .proto file would have it, with full names of types. Servers leave comments out of their answers;
 * those shown are the contract's own.
 */
function text(of: Describable, comment: Comment): string {
  const lines = (() => {
    switch (of.kind) {
      case "service":
        return block(
          of,
          `service ${of.typeName}`,
          of.methods.flatMap((method) => methodLines(method, comment)),
          comment,
        );
      case "rpc":
        return [
          ...methodLines(of, comment),
          "",
          ...messageLines(of.input, comment),
          "",
          ...messageLines(of.output, comment),
        ];
      case "message":
        return messageLines(of, comment);
      case "enum":
        return enumLines(of, comment);
    }
  })();
  return lines.join("\n") + "\n";
}

function block(of: Described, head: string, body: readonly string[], comment: Comment): string[] {
  if (body.length === 0) return [...commentLines(of, comment), `${head} {}`];
  return [...commentLines(of, comment), `${head} {`, ...body.map((line) => line === "" ? "" : `  ${line}`), "}"];
}

function methodLines(method: DescMethod, comment: Comment): string[] {
  return [...commentLines(method, comment), `rpc ${method.name}${signature(method)};`];
}

function messageLines(type: DescMessage, comment: Comment): string[] {
  return block(
    type,
    `message ${type.typeName}`,
    type.members.flatMap((member) =>
      member.kind === "oneof"
        ? [
          `oneof ${member.name} {`,
          ...member.fields.flatMap((field) => fieldLines(field, comment)).map((line) => `  ${line}`),
          "}",
        ]
        : fieldLines(member, comment)
    ),
    comment,
  );
}

function fieldLines(field: DescField, comment: Comment): string[] {
  const label = field.fieldKind === "list" ? "repeated " : field.proto.proto3Optional ? "optional " : "";
  return [...commentLines(field, comment), `${label}${typeName(field)} ${field.name} = ${field.number};`];
}

function typeName(field: DescField): string {
  if (field.fieldKind === "map") return `map<${scalarName(field.mapKey)}, ${valueName(field)}>`;
  return valueName(field);
}

function valueName(field: DescField): string {
  return field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar!);
}

function scalarName(type: ScalarType): string {
  return ScalarType[type].toLowerCase();
}

function enumLines(type: DescEnum, comment: Comment): string[] {
  const values = type.values.flatMap((value) => [...commentLines(value, comment), `${value.name} = ${value.number};`]);
  return block(type, `enum ${type.typeName}`, values, comment);
}

const COMMENT_WIDTH = 96;

function commentLines(of: Described, comment: Comment): string[] {
  const words = comment(of).split(/\s+/).filter((word) => word !== "");
  const lines: string[] = [];
  let line = "//";
  for (const word of words) {
    if (line.length + 1 + word.length > COMMENT_WIDTH) {
      lines.push(line);
      line = "//";
    }
    line += ` ${word}`;
  }
  return words.length === 0 ? [] : [...lines, line];
}
