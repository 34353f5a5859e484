# bash completion for tunnelbed(1)
_tunnelbed() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local options
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "run explain check import show list schema interop compare help version" -- "$cur"))
        return
    fi
    case "$prev" in
    --format)
        case "$command" in
        run | import) COMPREPLY=($(compgen -W "text tap junit json" -- "$cur")) ;;
        check) COMPREPLY=($(compgen -W "text json sarif" -- "$cur")) ;;
        show) COMPREPLY=($(compgen -W "text svg" -- "$cur")) ;;
        compare | interop) COMPREPLY=($(compgen -W "text json markdown" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -W "text json" -- "$cur")) ;;
        esac
        return
        ;;
    --color)
        COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
        return
        ;;
    -o | --out)
        if [ "$command" = import ]; then
            COMPREPLY=($(compgen -f -- "$cur"))
            return
        fi
        COMPREPLY=($(compgen -d -- "$cur"))
        return
        ;;
    --psk-file)
        COMPREPLY=($(compgen -f -- "$cur"))
        return
        ;;
    --world)
        COMPREPLY=($(compgen -W "simulated namespaces" -- "$cur"))
        return
        ;;
    --seed | --set | --longest | --only | --ping | -j | --jobs | --psk | --resolve) return ;;
    esac
    case "$command" in
    run) options="--world --seed --set --out --jobs --format --quiet --prove --allow-inconclusive --no-captures --color --help" ;;
    explain) options="--ping --all --seed --set --format --color --help" ;;
    check) options="--set --format --quiet --color --help" ;;
    import) options="--out --run --explain --psk --psk-file --resolve --seed --set --format --quiet --prove --allow-inconclusive --no-captures --color --help" ;;
    show) options="--set --format --color --help" ;;
    list) options="--format --color --help" ;;
    compare) options="--longest --seed --set --out --jobs --format --quiet --color --help" ;;
    interop) options="--only --format --color --help" ;;
    help)
        COMPREPLY=($(compgen -W "run explain check import show list schema interop compare" -- "$cur"))
        return
        ;;
    *) options="--help" ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    else
        COMPREPLY=($(compgen -d -- "$cur") $(compgen -f -X '!*.@(yaml|yml|json)' -- "$cur"))
    fi
}
complete -o filenames -F _tunnelbed tunnelbed
