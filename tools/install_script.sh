#!/usr/bin/env bash
# Prints the install script of the extension: the files of sql/ that src/lib.rs names, each after those that it requires; for the rest in the order in which they stand there.
# `cargo pgrx install` makes an equal one, in another order, for those who build by it: we do without, as installing cargo-pgrx takes longer than to build the extension.
set -euo pipefail
source "$(dirname "$0")/env.sh"
awk -v folder="$root/src/" '
    /^extension_sql_file!\(/ { call = ""; start = NR; open = 1 }
    open { call = call $0 }
    open && /\);$/ {
        open = 0
        match(call, /"[^"]*\.sql"/); path = substr(call, RSTART + 1, RLENGTH - 2)
        match(call, /name = "[^"]*"/); name = substr(call, RSTART + 8, RLENGTH - 9)
        line[name] = start; file[name] = folder path; names[++count] = name
        if (match(call, /requires = \[[^\]]*\]/)) requires[name] = substr(call, RSTART + 12, RLENGTH - 13)
        if (call ~ /, bootstrap[,)]/) first = name
    }
    function write(name,    list, n, i, required, text) {
        if (name in written) return
        written[name] = 1
        if (!(name in file)) { print "src/lib.rs: nothing is called " name > "/dev/stderr"; exit failed = 1 }
        n = split(requires[name], list, ",")
        for (i = 1; i <= n; i++) {
            required = list[i]; gsub(/[" ]/, "", required)
            if (required != "") write(required)
        }
        print "/* <begin connected objects> */\n-- src/lib.rs:" line[name] "\n-- " name
        while ((status = (getline text < file[name])) > 0) print text
        if (status < 0) { print file[name] " cannot be read" > "/dev/stderr"; exit failed = 1 }
        close(file[name])
        print "/* </end connected objects> */\n"
    }
    END {
        if (failed) exit 1
        if (!count) { print "src/lib.rs names no files" > "/dev/stderr"; exit 1 }
        write(first)
        for (i = 1; i <= count; i++) write(names[i])
    }' "$root/src/lib.rs"
