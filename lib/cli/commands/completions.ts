/**
 * `steward completions`: scripts that ask `steward __complete` what can come next.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { Exit, UsageError } from "../failure.ts";

const BASH = `# bash completion of steward. Load it with:  source <(steward completions bash)
_steward() {
  local current="\${COMP_WORDS[COMP_CWORD]}" rest="\${COMP_LINE:0:COMP_POINT}" prefix quote="" line word words=()
  # Bash also breaks lines at = and :, which stand within words here.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#words[@]} -gt 0 && "$rest" != [[:space:]]* ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
    rest="\${rest#"\${rest%%[![:space:]]*}"}"
    rest="\${rest:\${#word}}"
  done
  prefix="\${words[\${#words[@]}-1]%"$current"}"
  case "$current" in
    \\"* | \\'*) quote="\${current:0:1}" word="\${current:1}" ;;
    *) word="\${current//\\\\/}" ;;
  esac
  words[\${#words[@]}-1]="$prefix$word"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      word="\${line%%$'\\t'*}"
      word="\${word#"$prefix"}"
      # Within quotes readline takes it as it is; outside of them the shell must not take it apart.
      [[ -n "$quote" ]] || printf -v word %q "$word"
      COMPREPLY+=("$word")
    fi
  done < <(steward __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _steward steward
`;

const ZSH = `#compdef steward
# zsh completion of steward. Load it with:  source <(steward completions zsh)
_steward() {
  local line
  local -a found described
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then
      _files
      return
    fi
    found+=("\${line%%$'\\t'*}")
    described+=("\${line//$'\\t'/  -- }")
  done < <(steward __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && compadd -l -d described -a found
}
compdef _steward steward
`;

const FISH = `# fish completion of steward. Load it with:  steward completions fish | source
function __steward_complete
  set -l words (commandline -opc)
  set -l current (string replace -r '^["\\']' '' -- (commandline -ct) | string replace -a '\\\\' '')
  test (count $current) -gt 0; or set current ''
  for line in (steward __complete $words[2..-1] "$current" 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c steward -f -a '(__steward_complete)'
`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export const completions: Command = {
  path: "completions",
  usage: "bash|zsh|fish",
  summary: "Print the completion script of a shell.",
  description:
    "It completes commands, flags and their values as the contract has them, and names of items and ids of tasks as " +
    "the server has them. `steward` must be on the PATH.",
  flags: [],
  examples: [
    "completions bash > ~/.local/share/bash-completion/completions/steward",
    "completions zsh > ~/.zfunc/_steward",
    "completions fish > ~/.config/fish/completions/steward.fish",
  ],
  arguments: () => Object.keys(SCRIPTS),
  async run({ parsed, terminal }) {
    const [shell, surplus] = parsed.positionals;
    const script = shell !== undefined && Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined || surplus !== undefined) {
      throw new UsageError(`completions takes a shell: ${Object.keys(SCRIPTS).join(", ")}`);
    }
    await terminal.out(script);
    return Exit.OK;
  },
};
