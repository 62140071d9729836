import { Argument, Command } from 'commander';
import type { Terminal } from '../cli/terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const DESCRIPTION = `Prints a script that makes a shell complete the commands and their options. Put one of these lines into the file of your shell:

  ~/.bashrc                   source <(calendly-reconnect completion bash)
  ~/.zshrc, after compinit    source <(calendly-reconnect completion zsh)
  ~/.config/fish/config.fish  calendly-reconnect completion fish | source`;

export const completionCommand = (terminal: Terminal): Command =>
  new Command('completion')
    .summary('print the completion of a shell')
    .description(DESCRIPTION)
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: Shell, _options: object, command: Command) =>
      terminal.write(SCRIPTS[shell](command.parent!.name(), wordsOf(command.parent!))),
    );

interface Word {
  word: string;
  says: string;
}
interface Completed extends Word {
  options: (Word & { takesValue: boolean })[];
  /** What its argument may be, where that is a choice; else file names are offered. */
  choices: string[];
}

function wordsOf(program: Command): Completed[] {
  return program.commands.map((command) => ({
    word: command.name(),
    says: command.summary(),
    options: [
      ...command.options.map(({ long, description, required, optional }) => ({
        word: long!,
        says: description,
        takesValue: required || optional,
      })),
      { word: '--help', says: 'print the help of this command', takesValue: false },
    ],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }));
}

const SCRIPTS: Record<Shell, (name: string, commands: Completed[]) => string> = {
  bash: (name, commands) => `${functionOf(name)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} options='' choices=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    options='--help --version' choices=${quoted(commands.map(({ word }) => word).join(' '))}
  else
    case \${COMP_WORDS[1]} in
${commands
  .map(
    ({ word, options, choices }) =>
      `      ${word}) options=${quoted(options.map((option) => option.word).join(' '))} choices=${quoted(choices.join(' '))} ;;`,
  )
  .join('\n')}
    esac
  fi
  case $current in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$choices" -- "$current")) ;;
  esac
}
complete -o default -F ${functionOf(name)} ${name}
`,
  zsh: (name, commands) => `#compdef ${name}
${functionOf(name)}() {
  local -a options choices
  if (( CURRENT == 2 )); then
    choices=(${commands.map(described).join(' ')})
    options=('--help:print the help' '--version:print the version')
  else
    case $words[2] in
${commands
  .map(
    ({ word, options, choices }) =>
      `      ${word}) options=(${options.map(described).join(' ')}) choices=(${choices.map(quoted).join(' ')}) ;;`,
  )
  .join('\n')}
    esac
  fi
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o option options
  elif (( $#choices )); then
    _describe choice choices
  else
    _files
  fi
}
compdef ${functionOf(name)} ${name}
`,
  fish: (name, commands) =>
    commands
      .flatMap(({ word, says, options, choices }) => {
        const within = `complete -c ${name} -n '__fish_seen_subcommand_from ${word}'`;
        return [
          `complete -c ${name} -n __fish_use_subcommand -f -a ${word} -d ${quotedForFish(says)}`,
          ...options.map(
            (option) =>
              `${within} -l ${option.word.slice(2)}${option.takesValue ? ' -r' : ''} -d ${quotedForFish(option.says)}`,
          ),
          ...choices.map((choice) => `${within} -f -a ${choice}`),
        ];
      })
      .map((line) => `${line}\n`)
      .join(''),
};

const functionOf = (name: string): string => `_${name.replaceAll('-', '_')}`;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const quotedForFish = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
/** zsh parts a word from what it means by a colon. */
const described = ({ word, says }: Word): string => quoted(`${word.replaceAll(':', '\\:')}:${says}`);
