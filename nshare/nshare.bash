# What bash completes behind nshare; bash-completion need not be there.

_nshare()
{
	local cur=$2 prev=$3
	local options='-I --index -l --listen -p --port --exclude --hidden
		--no-hash --no-watch --slots --rate --max-conns --ping-interval
		--ping-timeout --stall-timeout -d --daemon --timeout -u --user
		--sandbox -q --quiet -v --verbose -h --help -V --version'

	COMPREPLY=()
	# "=" is a word of its own.
	[[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	case $prev in
	--sandbox)
		mapfile -t COMPREPLY < <(compgen -W 'off try require' -- "$cur")
		;;
	-u | --user)
		mapfile -t COMPREPLY < <(compgen -A user -- "$cur")
		;;
	-I | --index | -l | --listen | -p | --port | --exclude | --slots | \
		--rate | --max-conns | --ping-interval | --*timeout) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			compopt -o dirnames
		fi
		;;
	esac
}

complete -o nosort -F _nshare nshare
