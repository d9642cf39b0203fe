# Completion of asyncc's command line in bash.  After `asyncc cc` the compiler's own completion takes over.
_asyncc()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ ${COMP_WORDS[1]} == cc ]] && ((COMP_CWORD > 1)); then
		if declare -F _command_offset > /dev/null; then
			_command_offset 2
			return
		fi
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	fi
	case $before in
	-p | -isystem | -I)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	esac
	case $word in
	--dump=*)
		mapfile -t COMPREPLY < <(compgen -P --dump= -W "tree ops live frames graph" -- "${word#--dump=}")
		;;
	-*)
		mapfile -t COMPREPLY < <(compgen -W "-o -I -D -U -std= -isystem -iquote -include --embed-dir= -p -MD -MMD -MF -MT -MQ -MP --no-line --frames
			--graph --dump= --cflags --libs --make-rules --gdb-script --help --version" -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -f -X '!*.c' -- "$word")
		((COMP_CWORD == 1)) && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W cc -- "$word")
		;;
	esac
}
complete -o filenames -F _asyncc asyncc
