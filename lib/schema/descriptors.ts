/**
 * File descriptors of the loaded contract, for reflection and for JSON.
 *
 * The ones that protobufjs makes itself put a whole package into one file, leave out imports and `proto3_optional`, and
 * name map entries wrongly, so that no other implementation accepts them. These follow descriptor.proto.
 *
 * @module
 */
import { create, createFileRegistry, type FileRegistry } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProto_ExtensionRangeSchema,
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProto_EnumReservedRangeSchema,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as FieldType,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
  MethodDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel as IdempotencyLevel,
  MethodOptionsSchema,
  OneofDescriptorProtoSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";

const WELL_KNOWN = new Map(
  [
    file_google_protobuf_any,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_wrappers,
  ].flatMap((file) => [...file.messages, ...file.enums].map((type) => [type.typeName, file.proto] as const)),
);

const SCALARS: Record<string, FieldType> = {
  double: FieldType.DOUBLE,
  float: FieldType.FLOAT,
  int64: FieldType.INT64,
  uint64: FieldType.UINT64,
  int32: FieldType.INT32,
  fixed64: FieldType.FIXED64,
  fixed32: FieldType.FIXED32,
  bool: FieldType.BOOL,
  string: FieldType.STRING,
  bytes: FieldType.BYTES,
  uint32: FieldType.UINT32,
  sfixed32: FieldType.SFIXED32,
  sfixed64: FieldType.SFIXED64,
  sint32: FieldType.SINT32,
  sint64: FieldType.SINT64,
};

/** The files of a contract, each after all that it imports. */
export function fileDescriptors(root: protobuf.Root): FileDescriptorProto[] {
  const byName = new Map<string, FileDescriptorProto>();
  collect(root, byName);
  const ordered = new Map<string, FileDescriptorProto>();
  const visit = (file: FileDescriptorProto) => {
    if (ordered.has(file.name)) return;
    for (const name of file.dependency) visit(byName.get(name)!);
    ordered.set(file.name, file);
  };
  for (const file of [...byName.values()]) visit(file);
  return [...ordered.values()];
}

/** A registry of all types of a contract, as @bufbuild/protobuf takes them. */
export function typeRegistry(files: readonly FileDescriptorProto[]): FileRegistry {
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
}

function collect(namespace: protobuf.NamespaceBase, files: Map<string, FileDescriptorProto>): void {
  for (const object of namespace.nestedArray) {
    if (
      object instanceof protobuf.Namespace && !(object instanceof protobuf.Type || object instanceof protobuf.Service)
    ) {
      collect(object, files);
      continue;
    }
    if (!object.filename) continue;
    const file = fileOf(object, files);
    if (object instanceof protobuf.Type) file.messageType.push(messageOf(object, file, files));
    else if (object instanceof protobuf.Enum) file.enumType.push(enumOf(object));
    else if (object instanceof protobuf.Service) file.service.push(serviceOf(object, file, files));
  }
}

function fileOf(object: protobuf.ReflectionObject, files: Map<string, FileDescriptorProto>): FileDescriptorProto {
  const name = object.filename!;
  let file = files.get(name);
  if (file === undefined) {
    const scope = object.parent!.fullName.slice(1);
    file = create(FileDescriptorProtoSchema, { name, package: scope, syntax: "proto3" });
    files.set(name, file);
  }
  return file;
}

/** The absolute name of a type, after noting that its file is imported. */
function refer(
  type: protobuf.ReflectionObject,
  from: FileDescriptorProto,
  files: Map<string, FileDescriptorProto>,
): string {
  const wellKnown = type.filename ? undefined : WELL_KNOWN.get(type.fullName.slice(1));
  if (wellKnown) files.set(wellKnown.name, wellKnown);
  const target = wellKnown?.name ?? type.filename;
  if (!target) throw new Error(`no descriptor is known for ${type.fullName}`);
  if (target !== from.name && !from.dependency.includes(target)) from.dependency.push(target);
  return type.fullName;
}

function messageOf(
  type: protobuf.Type,
  file: FileDescriptorProto,
  files: Map<string, FileDescriptorProto>,
): DescriptorProto {
  const message = create(DescriptorProtoSchema, { name: type.name });
  const synthetic = (oneof: protobuf.OneOf) => oneof.fieldsArray.length === 1 && isOptional(oneof.fieldsArray[0]!);
  // Synthetic oneofs come after all real ones, as protoc orders them.
  const oneofs = [
    ...type.oneofsArray.filter((oneof) => !synthetic(oneof)),
    ...type.oneofsArray.filter((oneof) => synthetic(oneof)),
  ];
  message.oneofDecl = oneofs.map(({ name }) => create(OneofDescriptorProtoSchema, { name }));
  for (const field of type.fieldsArray) {
    const described = fieldOf(field.resolve(), file, files);
    if (field.partOf) described.oneofIndex = oneofs.indexOf(field.partOf);
    if (field instanceof protobuf.MapField) message.nestedType.push(mapEntryOf(field, described, file, files));
    message.field.push(described);
  }
  for (const nested of type.nestedArray) {
    if (nested instanceof protobuf.Type) message.nestedType.push(messageOf(nested, file, files));
    else if (nested instanceof protobuf.Enum) message.enumType.push(enumOf(nested));
  }
  for (const [start, end] of (type.extensions ?? []) as number[][]) {
    message.extensionRange.push(create(DescriptorProto_ExtensionRangeSchema, { start: start!, end: end! + 1 }));
  }
  for (const reserved of type.reserved ?? []) {
    if (typeof reserved === "string") message.reservedName.push(reserved);
    else {
      const [start, end] = reserved as [number, number];
      message.reservedRange.push(create(DescriptorProto_ReservedRangeSchema, { start, end: end + 1 }));
    }
  }
  if (type.options?.deprecated) message.options = create(MessageOptionsSchema, { deprecated: true });
  return message;
}

function fieldOf(
  field: protobuf.Field,
  file: FileDescriptorProto,
  files: Map<string, FileDescriptorProto>,
): FieldDescriptorProto {
  const described = create(FieldDescriptorProtoSchema, {
    name: field.name,
    jsonName: jsonName(field.name),
    number: field.id,
    label: field.repeated || field.map ? Label.REPEATED : Label.OPTIONAL,
    ...typeOf(field, file, files),
  });
  if (isOptional(field)) described.proto3Optional = true;
  if (field.options?.deprecated) described.options = create(FieldOptionsSchema, { deprecated: true });
  return described;
}

function typeOf(field: protobuf.FieldBase, file: FileDescriptorProto, files: Map<string, FileDescriptorProto>) {
  if (!field.resolvedType) return { type: SCALARS[field.type]! };
  return {
    type: field.resolvedType instanceof protobuf.Enum ? FieldType.ENUM : FieldType.MESSAGE,
    typeName: refer(field.resolvedType, file, files),
  };
}

/** Makes the entry type of a map field and points the field at it. */
function mapEntryOf(
  field: protobuf.MapField,
  described: FieldDescriptorProto,
  file: FileDescriptorProto,
  files: Map<string, FileDescriptorProto>,
): DescriptorProto {
  const name = field.name.replace(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()) + "Entry";
  const entry = (fieldName: string, number: number) =>
    create(FieldDescriptorProtoSchema, { name: fieldName, jsonName: fieldName, number, label: Label.OPTIONAL });
  const key = Object.assign(entry("key", 1), { type: SCALARS[field.keyType]! });
  const value = Object.assign(entry("value", 2), typeOf(field, file, files));
  Object.assign(described, { type: FieldType.MESSAGE, typeName: `${field.parent!.fullName}.${name}` });
  return create(DescriptorProtoSchema, {
    name,
    field: [key, value],
    options: create(MessageOptionsSchema, { mapEntry: true }),
  });
}

function enumOf(type: protobuf.Enum): EnumDescriptorProto {
  const described = create(EnumDescriptorProtoSchema, {
    name: type.name,
    value: Object.entries(type.values).map(([name, number]) =>
      create(EnumValueDescriptorProtoSchema, { name, number })
    ),
  });
  for (const reserved of type.reserved ?? []) {
    if (typeof reserved === "string") described.reservedName.push(reserved);
    else {
      const [start, end] = reserved as [number, number];
      described.reservedRange.push(create(EnumDescriptorProto_EnumReservedRangeSchema, { start, end }));
    }
  }
  if (type.options?.allow_alias) described.options = create(EnumOptionsSchema, { allowAlias: true });
  return described;
}

function serviceOf(
  service: protobuf.Service,
  file: FileDescriptorProto,
  files: Map<string, FileDescriptorProto>,
): ServiceDescriptorProto {
  return create(ServiceDescriptorProtoSchema, {
    name: service.name,
    method: service.methodsArray.map((method) => {
      const level = method.options?.idempotency_level as keyof typeof IdempotencyLevel | undefined;
      return create(MethodDescriptorProtoSchema, {
        name: method.name,
        inputType: refer(method.resolvedRequestType!, file, files),
        outputType: refer(method.resolvedResponseType!, file, files),
        ...(method.requestStream && { clientStreaming: true }),
        ...(method.responseStream && { serverStreaming: true }),
        ...(level && { options: create(MethodOptionsSchema, { idempotencyLevel: IdempotencyLevel[level] }) }),
      });
    }),
  });
}

function isOptional(field: protobuf.Field): boolean {
  return field.options?.proto3_optional === true;
}

/** As protoc derives it: an underscore makes the next letter a capital and is dropped. */
function jsonName(name: string): string {
  return name.replace(/_(.)?/g, (_match, letter: string | undefined) => letter?.toUpperCase() ?? "");
}
