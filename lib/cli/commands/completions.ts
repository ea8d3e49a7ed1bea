/**
 * `steward completions`: scripts that ask `steward __complete` what can come next.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { Exit, UsageError } from "../failure.ts";

const BASH = `# bash completion of steward. Load it with:  source <(steward completions bash)
_steward() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(steward __complete "\${words[@]}" 2>/dev/null)
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
  done < <(steward __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && compadd -l -d described -a found
}
compdef _steward steward
`;

const FISH = `# fish completion of steward. Load it with:  steward completions fish | source
function __steward_complete
  set -l words (commandline -opc)
  for line in (steward __complete $words[2..-1] (commandline -ct) 2>/dev/null)
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
  description: "It completes commands, flags and their values as the contract has them. `steward` must be on the PATH.",
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
