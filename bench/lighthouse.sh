#!/usr/bin/env bash
# Lighthouse on the home page and a dashboard of a running platform, by hand: bench/lighthouse.sh http://127.0.0.1:8000
# Needs node with npx (which fetches lighthouse once), Chromium and the sample. Prints the four figures of each page.
set -euo pipefail
BASE=${1:-http://127.0.0.1:8000}
WHO=${2:-enterprise-agent}
PASSWORD=${SAMPLE_PASSWORD:-Guangxi-2026}
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
export CHROME_PATH=${CHROMIUM:-$(command -v chromium)}

# a session of the sample's person, as a browser gets it
TOKEN=$(curl -fsS -c "$OUT/cookies" "$BASE/sign-in/" | sed -n 's/.*csrfmiddlewaretoken" value="\([^"]*\)".*/\1/p' | head -1)
curl -fsS -o /dev/null -b "$OUT/cookies" -c "$OUT/cookies" -H "Referer: $BASE/sign-in/" \
	--data-urlencode "csrfmiddlewaretoken=$TOKEN" --data-urlencode "username=$WHO" \
	--data-urlencode "password=$PASSWORD" "$BASE/sign-in/"
SESSION=$(awk '$6 == "sessionid" { print $7 }' "$OUT/cookies")
test -n "$SESSION" || { echo "nobody signed in as $WHO" >&2; exit 1; }
printf '{"Cookie": "sessionid=%s"}' "$SESSION" >"$OUT/headers.json"

run() { # name, address, and more of lighthouse's own words
	npx --yes lighthouse@12.8.2 "$2" --quiet --output=json --output-path="$OUT/$1.json" \
		--chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-quic" "${@:3}"
	python3 - "$1" "$OUT/$1.json" <<-'PY'
		import json, sys
		found = json.load(open(sys.argv[2]))
		scores = {name: round((one["score"] or 0) * 100) for name, one in found["categories"].items()}
		print(sys.argv[1], *(f"{name}={score}" for name, score in scores.items()))
		wrong = [one for one in found["audits"].values() if one["score"] is not None and one["score"] < 0.9 and one["scoreDisplayMode"] in ("binary", "numeric", "metricSavings")]
		for one in wrong:
		    print("  ", one["id"], one["score"], one.get("displayValue", ""))
	PY
}
run home-phone "$BASE/"
run home-desk "$BASE/" --preset=desktop
run dashboard-phone "$BASE/e/" --extra-headers="$OUT/headers.json"
run dashboard-desk "$BASE/e/" --preset=desktop --extra-headers="$OUT/headers.json"
