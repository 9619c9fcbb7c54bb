# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the tests with Debian's own servers share.

# greeting PORT [TEXT]: the first line a server says, perhaps to TEXT.
greeting()
{
	local fd line rc=0
	{ exec {fd}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
	[[ -z ${2:-} ]] || printf '%s\r\n' "$2" >&"$fd"
	read -r -t 5 line <&"$fd" || rc=1
	exec {fd}>&-
	printf '%s\n' "${line%$'\r'}"
	return "$rc"
}

# nginx_conf LINE SERVER: $scratch/nginx.conf, with that line beside the usual ones, and
# what a server has; it writes nowhere else.
nginx_conf()
{
	cat >"$scratch/nginx.conf" <<-EOF2
		$1
		error_log $scratch/nginx.log;
		events { }
		http {
			access_log off;
			client_body_temp_path $scratch/t1;
			proxy_temp_path $scratch/t2;
			fastcgi_temp_path $scratch/t3;
			uwsgi_temp_path $scratch/t4;
			scgi_temp_path $scratch/t5;
			server { $2 }
		}
	EOF2
}

# nginx_says PORT TEXT: nginx_conf, to answer with TEXT there.
nginx_says()
{
	nginx_conf "pid $scratch/nginx.pid; worker_processes 2;" "listen 127.0.0.1:$1; return 200 \"$2\\n\";"
}

# sshd_on PORT: the words of an sshd to execute, in $sshd; it wants to be called
# by an absolute path.
sshd_on()
{
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"
	# shellcheck disable=SC2034 # for the tests
	sshd=("$(command -v sshd)" -D -e -f /dev/null -h "$scratch/key" -p "$1"
	    -o ListenAddress=127.0.0.1 -o PidFile=none)
}
