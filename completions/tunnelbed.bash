# bash completion for tunnelbed(1); needs nothing of the package bash-completion
_tunnelbed_words() { # _tunnelbed_words WORD...
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}

# Folders, and files that end in one of the suffixes; blanks in their names are as good as anything.
_tunnelbed_files() { # _tunnelbed_files SUFFIX...
    local name suffix
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    while IFS= read -r name; do
        for suffix; do
            [[ $name == *"$suffix" && ! -d $name ]] && COMPREPLY+=("$name")
        done
    done < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
}

_tunnelbed() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local commands="run explain check import show list schema interop compare" options
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _tunnelbed_words "$commands" help version
        return
    fi
    # --format=json comes as three words
    if [ "$cur" = "=" ]; then
        cur=
    elif [ "$prev" = "=" ] && [ "$COMP_CWORD" -gt 2 ]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case "$prev" in
    --format)
        case "$command" in
        run | import) _tunnelbed_words text tap junit json ;;
        check) _tunnelbed_words text json sarif ;;
        show) _tunnelbed_words text svg ;;
        compare | interop) _tunnelbed_words text json markdown ;;
        *) _tunnelbed_words text json ;;
        esac
        return
        ;;
    --color)
        _tunnelbed_words auto always never
        return
        ;;
    --world)
        _tunnelbed_words simulated namespaces
        return
        ;;
    -o | --out)
        if [ "$command" = import ]; then
            _tunnelbed_files ""
        else
            _tunnelbed_files
        fi
        return
        ;;
    --psk-file)
        _tunnelbed_files ""
        return
        ;;
    --seed | --set | --longest | --only | --ping | -j | --jobs | --psk | --resolve) return ;;
    esac
    case "$command" in
    run) options="--world --seed --set --out --jobs --format --quiet --prove --allow-inconclusive --no-captures --color" ;;
    explain) options="--world --ping --all --seed --set --format --color" ;;
    check) options="--set --format --quiet --color" ;;
    import) options="--out --run --explain --psk --psk-file --resolve --seed --set --format --quiet --prove --allow-inconclusive --no-captures --color" ;;
    show) options="--set --format --color" ;;
    list) options="--format --color" ;;
    compare) options="--longest --seed --set --out --jobs --format --quiet --color" ;;
    interop) options="--only --format --color" ;;
    help)
        _tunnelbed_words "$commands"
        return
        ;;
    version) return ;;
    esac
    if [[ $cur == -* ]]; then
        _tunnelbed_words "$options" --help
    elif [ "$command" = import ]; then
        _tunnelbed_files .json
    elif [ "$command" != schema ] && [ "$command" != interop ]; then
        _tunnelbed_files .yaml .yml .json
    fi
}
complete -F _tunnelbed tunnelbed
