/**
 * Names between the contract's spelling and the command line's.
 *
 * @module
 */

/** `AddItem` and `add_item` become `add-item`. */
export function kebab(name: string): string {
  return words(name).join("-");
}

/** The words of a name, in lower case: `ListURLs` is `list`, `urls`. */
export function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .split(/[_\-.\s]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

/** Whether one is the other's plural, or the same. */
export function sameNoun(a: string, b: string): boolean {
  return singular(a) === singular(b);
}

export function singular(word: string): string {
  if (word.endsWith("ies")) return word.slice(0, -3) + "y";
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

export function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return word.slice(0, -1) + "ies";
  return word.endsWith("s") ? word : word + "s";
}
