/** Sourced, or a file on the fpath. */
export const ZSH_SCRIPT = `#compdef crish
# zsh completion for crish: a file _crish in a directory of $fpath, or
#     source <(crish completion zsh)
# What is offered comes from crish itself, commands and flags as well as containers and images.

_crish() {
    local program line text open note
    local -a answer tokens settings closed opened
    local -i at
    # The program that was typed, which need not be the first one on the PATH.
    program=\${words[1]/#\\~\\//$HOME/}
    [[ -n $commands[$program] || ( -x $program && ! -d $program ) ]] || program=crish
    # Variables that stand before the command choose the runtime as well.
    tokens=(\${(z)LBUFFER})
    at=$(( $#tokens - CURRENT ))
    [[ -z $QIPREFIX$PREFIX ]] && (( at++ ))
    while (( at > 0 )) && [[ $tokens[at] == [A-Za-z_]*=* ]]; do
        case $tokens[at] in
        CONTAINER_RUNTIME_ENDPOINT=*|IMAGE_SERVICE_ENDPOINT=*|CRI_CONFIG_FILE=*|CRISH_*=*)
            settings=("\${(Q)tokens[at]}" $settings) ;;
        esac
        (( at-- ))
    done
    answer=("\${(@f)$(command env $settings $program internal complete zsh \\
        "$QIPREFIX$PREFIX" "\${(@Q)words[1,CURRENT-1]}" 2>/dev/null </dev/null)}")
    if [[ $answer[1] == files ]]; then
        [[ $PREFIX == -*=* ]] && compset -P '*='
        _files
        return
    fi
    for line in "\${(@)answer[2,-1]}"; do
        text=\${line%%$'\\t'*} note=\${line#*$'\\t'}
        open=\${note%%$'\\t'*} note=\${note#*$'\\t'}
        text=\${\${text//\\\\/\\\\\\\\}//:/\\\\:}
        [[ -n $note ]] && text+=:$note
        if [[ -n $open ]]; then opened+=("$text"); else closed+=("$text"); fi
    done
    _describe -V -t values crish closed -- opened -S ''
}

if [[ $funcstack[1] == _crish ]]; then
    _crish "$@"
else
    compdef _crish crish
fi
`;
