import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Code, fail, invalid, RpcError } from "../../lib/rpc/mod.ts";
import { fitted } from "../../lib/rpc/fitted.ts";
import { StatusEncoder } from "../../lib/transport/status.ts";
import { contractSchema } from "../helpers/steward.ts";

const encoder = new StatusEncoder(contractSchema());

/** Bytes of the trailers of an error, as HTTP/2 counts them: 32 for each beside name and value. */
function trailerBytes(error: RpcError): number {
  const info = { type: "google.rpc.RequestInfo", value: { request_id: "r".repeat(128) } };
  const withInfo = new RpcError(error.code, error.message, [...error.details, info]);
  return encoder.trailers(undefined, withInfo).reduce((sum, [name, value]) => sum + 32 + name.length + value.length, 0);
}

function violationsOf({ details }: RpcError): unknown[] {
  const { value } = details.find(({ type }) => type === "google.rpc.BadRequest")!;
  return (value as { field_violations: unknown[] }).field_violations;
}

Deno.test("whatever is wrong, the trailers stay below 8 KiB", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", minLength: 500, maxLength: 3000 }),
    fc.constant("🔩".repeat(5000)),
  );
  const violation = fc.record({ field: text, description: text, reason: fc.constant("TOO_LONG") });
  fc.assert(
    fc.property(fc.array(violation, { minLength: 1, maxLength: 200 }), text, (violations, name) => {
      const details = [{ type: "google.rpc.ResourceInfo", value: { resource_name: name } }];
      for (const error of [invalid(violations), fail("ITEM_NOT_FOUND", { name }, { details })]) {
        const small = fitted(error);
        assertEquals(small.code, error.code);
        assert(trailerBytes(small) < 8192, `${trailerBytes(small)} bytes`);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("what fits is left as it is", () => {
  const error = invalid([{ field: "a", reason: "REQUIRED", description: "größer 漢字 🔩" }]);
  const same = fitted(error);
  assertEquals([same.code, same.message, same.details], [error.code, error.message, error.details]);
  const name = "🔩".repeat(200);
  const details = [{ type: "google.rpc.ResourceInfo", value: { resource_name: name } }];
  const small = fitted(fail("ITEM_NOT_FOUND", { name }, { details }));
  assertEquals(small.message, `item '${name}' not found`);
  assertEquals(small.details[1]!.value, { resource_name: name });
});

Deno.test("usual violations all fit, many are cut at the end", () => {
  const violations = (count: number) =>
    invalid(Array.from({ length: count }, (_, n) => ({
      field: `materials[${n}].quantity`,
      reason: "OUT_OF_RANGE",
      description: `materials[${n}].quantity must be at least 1, not 0`,
    })));
  assertEquals(violationsOf(fitted(violations(25))).length, 25);
  const cut = fitted(violations(1000));
  assert(violationsOf(cut).length >= 25);
  assertEquals((violationsOf(cut)[0] as { field: string }).field, "materials[0].quantity");
  assert(cut.message.endsWith("(and 999 more)"));
});

Deno.test("a text is never cut inside a character", () => {
  for (let shift = 0; shift < 4; shift++) {
    const { message } = fitted(new RpcError(Code.INTERNAL, "x".repeat(shift) + "🔩".repeat(500)));
    assert(/^x*(🔩)+\.\.\.$/u.test(message), message.slice(-8));
  }
});
