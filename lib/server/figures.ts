/**
 * Figures as people read them.
 *
 * @module
 */
import type { Inspection } from "../store/mod.ts";

/** Such as `12.3 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** What a database holds. */
export function holdingText({ items, tasks, movements }: Inspection): string {
  return `${items} items, ${tasks} tasks, ${movements} movements`;
}
