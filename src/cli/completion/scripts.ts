/** The scripts that tell a shell how to complete our command line: they ask `one-survivor complete`. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Finds the command if it is only installed in the project. Never installs it. */
const POSIX_ASK = `_one_survivor_ask() {
  if type -P one-survivor >/dev/null 2>&1 || whence -p one-survivor >/dev/null 2>&1; then
    command one-survivor complete -- "$@" 2>/dev/null
  else
    command npx --no-install one-survivor complete -- "$@" 2>/dev/null
  fi
}`;

export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Without candidates, bash completes files.
  bash: `# Completion of one-survivor for bash. Add to ~/.bashrc: eval "$(npx one-survivor completion bash)"
${POSIX_ASK}
_one_survivor() {
  COMPREPLY=()
  local candidate
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(_one_survivor_ask "\${COMP_WORDS[@]:1:COMP_CWORD}")
}
complete -o default -F _one_survivor one-survivor
`,
  zsh: `#compdef one-survivor
# Completion of one-survivor for zsh. Add to ~/.zshrc after compinit: eval "$(npx one-survivor completion zsh)"
${POSIX_ASK}
_one_survivor() {
  local -a candidates
  candidates=("\${(@f)$(_one_survivor_ask "\${(@)words[2,CURRENT]}")}")
  if [[ -n "\${candidates[*]}" ]]; then
    compadd -- "\${candidates[@]}"
  else
    _files
  fi
}
compdef _one_survivor one-survivor
`,
  fish: `# Completion of one-survivor for fish. Add to ~/.config/fish/config.fish: npx one-survivor completion fish | source
function __one_survivor_ask
  set -l words (commandline -opc) (commandline -ct)
  if command -q one-survivor
    command one-survivor complete -- $words[2..-1] 2>/dev/null
  else
    command npx --no-install one-survivor complete -- $words[2..-1] 2>/dev/null
  end
end
complete -c one-survivor -a '(__one_survivor_ask)'
`,
};
