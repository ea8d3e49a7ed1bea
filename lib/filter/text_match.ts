/**
 * How texts are compared.
 *
 * @module
 */
import type { Value } from "./ast.ts";

export type TextTest = (text: string) => boolean;

/** Equal to the value, whose leading and trailing `*` stand for any text. */
export function equalTo(value: Value): TextTest {
  const { text, openStart, openEnd } = value;
  const core = text.slice(openStart ? 1 : 0, openEnd ? -1 : undefined);
  if (openStart && openEnd) return (other) => other.includes(core);
  if (openStart) return (other) => other.endsWith(core);
  if (openEnd) return (other) => other.startsWith(core);
  return (other) => other === text;
}

/** As {@linkcode equalTo}, whatever the case of letters. */
export function equalIgnoringCase(value: Value): TextTest {
  const test = equalTo({ ...value, text: value.text.toLowerCase() });
  return (other) => test(other.toLowerCase());
}

/** Holds the value somewhere, whatever the case of letters. */
export function holding(value: Value): TextTest {
  const text = value.text.toLowerCase();
  return (other) => other.toLowerCase().includes(text);
}

/** Negative, zero or positive, by Unicode code points: the order in which items are listed. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all that are one unit, though U+E000 to U+FFFF are greater as units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
