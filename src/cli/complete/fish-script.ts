/** Sourced, or a file in a directory of completions. */
export const FISH_SCRIPT = `# fish completion for crish: crish.fish in a directory of $fish_complete_path, or
#     crish completion fish | source
# What is offered comes from crish itself, commands and flags as well as containers and images.

function __crish_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # The program that was typed, which need not be the first one on the PATH.
    set -l program (string replace -r '^~/' "$HOME/" -- "$words[1]")
    command -q -- $program; or set program crish
    set -l answer (command $program internal complete fish "$current" $words 2>/dev/null </dev/null)
    if test "$answer[1]" = files
        set -l attached (string match -r -- '^-[^=]*=' "$current")
        set -l typed (string replace -r -- '^-[^=]*=' '' "$current")
        for path in (__fish_complete_path "$typed")
            printf '%s\\n' "$attached"$path
        end
        return
    end
    string replace -r -- '\\t[^\\t]*' '' $answer[2..-1]
end

complete -c crish -e
complete -c crish -f -k -a '(__crish_complete)'
`;
