# Counts what holds and what does not, for the labs: sourced by them.

PASSED=0
FAILED=0
ANSWER=$(mktemp)

# check WHAT COMMAND...: the command must succeed.
check() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        PASSED=$((PASSED + 1))
        echo "ok      $what"
    else
        FAILED=$((FAILED + 1))
        echo "FAILED  $what"
        sed 's/^/        /' <<<"$said"
    fi
}

# answers CODE COMMAND...: runs it, keeps its answer in $ANSWER, and demands this exit code.
answers() {
    local wanted=$1 code=0
    shift
    "$@" >"$ANSWER" 2>"$ANSWER.err" </dev/null || code=$?
    [ "$code" = "$wanted" ] || { echo "exit code $code, not $wanted: $*"; cat "$ANSWER" "$ANSWER.err"; return 1; }
}

# has EXPRESSION: the last answer is one JSON document of which the jq expression holds.
has() {
    jq -e -s "length == 1 and (.[0] | $1)" "$ANSWER" >/dev/null || { echo "does not hold: $1"; jq . "$ANSWER" || cat "$ANSWER" "$ANSWER.err"; return 1; }
}

# waits COMMAND...: until it succeeds, 20 seconds at most.
waits() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "waited in vain: $*"
    "$@"
}

summary() {
    rm -f "$ANSWER" "$ANSWER.err"
    echo "lab result: $PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ] && [ "$PASSED" != 0 ]
}
