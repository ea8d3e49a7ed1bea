/**
 * Which commands a contract has, and what they are called.
 *
 * A service is a group. A method is a command under its full name (`add-item`, `list-movements`). It also has a short
 * name if no other method claims it: the full name without the group's noun, which is what most of its methods are
 * about (Item, Task), and failing that the verb alone where only one method has that verb. So `add` is AddItem, `list`
 * is ListItems and not ListMovements, `adjust` is AdjustStock.
 *
 * @module
 */
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { kebab, plural, singular, words } from "./names.ts";

export interface Group {
  /** Such as `inventory`. The service's full name works too. */
  readonly name: string;
  readonly service: DescService;
  readonly methods: readonly MethodCommand[];
  /** Left out of the overview; for those who know what they look for. */
  readonly hidden: boolean;
}

export interface MethodCommand {
  /** Such as `add-item`. */
  readonly name: string;
  /** Such as `add`; the same as `name` when there is none. */
  readonly short: string;
  readonly method: DescMethod;
}

/** Services whose commands people know by another name than the derived one. */
const GROUP_NAMES: Readonly<Record<string, string>> = {
  "taskmanager.TaskManager": "tasks",
  "user.UserService": "users",
  "file.FileService": "files",
};

/** The groups of services. Of two with the same short name the first has it, the other only its full name. */
export function groupsOf(services: readonly DescService[]): Group[] {
  const taken = new Set<string>();
  return services.map((service) => {
    const derived = GROUP_NAMES[service.typeName] ?? kebab(service.name.replace(/(?<=.)(Service|Manager)$/, ""));
    const name = taken.has(derived) ? service.typeName : derived;
    taken.add(name);
    return { name, service, methods: commandsOf(service), hidden: service.typeName.startsWith("grpc.reflection.") };
  });
}

function commandsOf(service: DescService): MethodCommand[] {
  const noun = nounOf(service);
  const methods = service.methods.map((method) => ({ method, name: kebab(method.name), words: words(method.name) }));
  const nounless = methods.map(({ words: [verb, ...object] }) =>
    [
      verb!,
      ...(noun !== undefined && object[0] !== undefined && singular(object[0]) === noun ? object.slice(1) : object),
    ]
      .join("-")
  );
  return methods.map(({ method, name, words: [verb] }, index) => {
    const others = (names: readonly string[]) => names.filter((_, other) => other !== index);
    const full = methods.map((one) => one.name);
    const candidate = nounless[index]!;
    if (candidate !== name && ![...others(nounless), ...others(full)].includes(candidate)) {
      return { method, name, short: candidate };
    }
    const verbs = methods.map((one) => one.words[0]!);
    const free = !others(verbs).includes(verb!) && ![...others(nounless), ...others(full)].includes(verb!);
    return { method, name, short: free ? verb! : name };
  });
}

/** What most methods of a service are about, in the singular; none when no two agree. */
function nounOf(service: DescService): string | undefined {
  const counts = new Map<string, number>();
  for (const method of service.methods) {
    const object = words(method.name)[1];
    if (object !== undefined) counts.set(singular(object), (counts.get(singular(object)) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] > 1 ? best[0] : undefined;
}

/** The group of that name, or with that full service name. */
export function findGroup(groups: readonly Group[], name: string): Group | undefined {
  return groups.find((group) => group.name === name || group.service.typeName === name) ??
    groups.find((group) => plural(group.name) === name || singular(group.name) === name);
}

export function findMethod(group: Group, name: string): MethodCommand | undefined {
  return group.methods.find((command) =>
    command.name === name || command.short === name || command.method.name === name
  );
}
