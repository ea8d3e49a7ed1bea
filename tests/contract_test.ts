/**
 * Clients made from the first published contract work for ever: every name, number and type of it is still there.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { fileDescriptors, loadSchema, typeRegistry } from "../lib/schema/mod.ts";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const present = loadSchema(folder("../proto"));
const frozen = loadSchema(folder("fixtures/frozen"));

/** What of a field is seen on the wire and in JSON. */
function shapeOf(field: protobuf.Field) {
  field.resolve();
  return {
    name: field.name,
    number: field.id,
    type: field.resolvedType?.fullName ?? field.type,
    repeated: field.repeated,
    map: field.map,
    optional: field.options?.proto3_optional === true,
  };
}

function* objectsOf(namespace: protobuf.NamespaceBase): Generator<protobuf.ReflectionObject> {
  for (const object of namespace.nestedArray) {
    yield object;
    if (object instanceof protobuf.Namespace) yield* objectsOf(object);
  }
}

Deno.test("every frozen message, enum and service is there with all its parts", () => {
  let compared = 0;
  for (const object of objectsOf(frozen.root)) {
    if (object instanceof protobuf.Type) {
      const type = present.root.lookupType(object.fullName);
      for (const field of object.fieldsArray) {
        assert(type.fields[field.name], `${object.fullName}.${field.name} is gone`);
        assertEquals(shapeOf(type.fields[field.name]!), shapeOf(field), `${object.fullName}.${field.name}`);
        compared++;
      }
    } else if (object instanceof protobuf.Enum) {
      const { values } = present.root.lookupEnum(object.fullName);
      for (const [name, number] of Object.entries(object.values)) {
        assertEquals(values[name], number, `${object.fullName}.${name}`);
        compared++;
      }
    }
  }
  assertEquals(compared, 40);
});

Deno.test("every frozen method is there with its path, kind and types", () => {
  const shapes = (schema: typeof frozen, name: string) =>
    schema.services.get(name)!.methods.map(({ path, kind, input, output }) => ({
      path,
      kind,
      input: input.type,
      output: output.type,
    }));
  for (const name of frozen.services.keys()) {
    const now = shapes(present, name);
    for (const method of shapes(frozen, name)) {
      assertEquals(now.find(({ path }) => path === method.path), method);
    }
  }
  assertEquals([...frozen.services.keys()], ["inventory.Inventory", "taskmanager.TaskManager"]);
});

Deno.test("a message of the frozen contract means the same in the present one, and back", () => {
  const task = { id: "7", title: "Grease", description: "all of it", status: 2, created_at: "a", updated_at: "b" };
  const item = { name: "Widget", quantity: -1, price: 9.99 };
  for (const [type, message] of [["taskmanager.Task", task], ["inventory.GetItemResponse", item]] as const) {
    const old = frozen.codec(type);
    const now = present.codec(type);
    assertEquals<object>({ ...old.decode(now.encode(message)) }, message);
    assertEquals<object>({ ...old.decode(now.encode(now.decode(old.encode(message)))) }, message);
  }
});

Deno.test("the descriptors of the contract are whole: every type they name resolves", () => {
  const files = fileDescriptors(present.root);
  const registry = typeRegistry(files);
  for (const service of present.services.values()) {
    const described = registry.getService(service.name);
    assertEquals(described?.methods.map(({ name }) => name), service.methods.map(({ name }) => name));
    for (const { input, output } of service.methods) {
      assert(registry.getMessage(input.type) && registry.getMessage(output.type));
    }
  }
  const names = files.map(({ name }) => name);
  for (const [index, { dependency }] of files.entries()) {
    for (const name of dependency) assert(names.indexOf(name) < index, `${name} comes before what imports it`);
  }
});

Deno.test("every service and every method says what it is", () => {
  for (const { name, comment, methods } of present.services.values()) {
    assert(comment !== "", `${name} has no comment`);
    for (const method of methods) assert(method.comment !== "", `${method.path} has no comment`);
  }
});
