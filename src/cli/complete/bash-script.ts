/** Sourced, or a file for the package bash-completion. */
export const BASH_SCRIPT = `# bash completion for crish (bash 4.4 and later, with the package bash-completion or without):
#     source <(crish completion bash)
# What is offered comes from crish itself, commands and flags as well as containers and images.

_crish_complete() {
    local program=$1
    local -a answer
    COMPREPLY=()
    # The program that was typed, which need not be the first one on the PATH.
    [[ $program == "~/"* ]] && program=$HOME/\${program:2}
    [[ $(type -t -- "$program") == file || -x $program ]] || program=crish
    # Only up to the cursor: what is behind it stays as it is.
    mapfile -t answer < <(
        command -- "$program" internal complete bash "\${COMP_LINE:0:COMP_POINT}" \\
            "$COMP_WORDBREAKS" 2>/dev/null </dev/null
    )
    COMPREPLY=("\${answer[@]:1}")
    case \${answer[0]-} in
    files) compopt -o default 2>/dev/null ;;
    nospace) compopt -o nospace 2>/dev/null ;;
    esac
}

complete -o nosort -F _crish_complete crish
`;
