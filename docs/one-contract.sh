#!/usr/bin/env bash
# One whole contract of the general voucher (通用券), from the draft to the claim, against a running `make run`.
# Needs bash, curl 7.76 and python3. Usage: docs/one-contract.sh [address, by default http://127.0.0.1:8000]
set -euo pipefail
BASE=${1:-http://127.0.0.1:8000}/api/v1
PASSWORD=Guangxi-2026  # of every sample account; `make run` prints it
WORK=$(mktemp -d)
EO='' EL='' PO='' PL=''
leave() { local token                                                                   # ends the tokens it was given
          for token in $EO $EL $PO $PL; do
              curl -sS -o "$WORK/ended" -X DELETE "$BASE/auth/tokens/" -H "Authorization: Token $token" || true
          done
          rm -r "$WORK"; }
trap leave EXIT

# field a.b.0 c …: those members of the JSON on standard input, side by side; of a refusal its code and its sentence
field() { python3 -c '
import functools, json, sys
text = sys.stdin.read()
try: data = json.loads(text)
except ValueError: sys.exit(text or "no answer")
if isinstance(data, dict) and {"code", "message", "details"} == set(data): sys.exit(data["code"] + ": " + data["message"])
step = lambda at, name: at[int(name)] if isinstance(at, list) else at[name]
print(*(functools.reduce(step, path.split("."), data) for path in sys.argv[1:]))' "$@"; }
key()   { python3 -c 'import uuid; print(uuid.uuid4())'; }
now()   { python3 -c 'from datetime import *; print(datetime.now(timezone.utc).isoformat())'; }
day()   { python3 -c 'import sys; from datetime import *
print(datetime.now(timezone(timedelta(hours=8))).date() + timedelta(days=int(sys.argv[1])))' "$1"; }
call()  { curl -sS --fail-with-body "$@"; }

token()  { call "$BASE/auth/tokens/" -H 'Content-Type: application/json' \
             -d "{\"username\": \"$1\", \"password\": \"$PASSWORD\"}" | field token; }
get()    { call "$BASE/$2" -H "Authorization: Token ${!1}"; }                           # get WHO PATH
api()    { call "$BASE/$2" -H "Authorization: Token ${!1}" -H "Idempotency-Key: $(key)" \
             -H 'Content-Type: application/json' -d "$3"; }                             # api WHO PATH BODY
upload() { printf '%%PDF-1.7\n%% %s\n%%%%EOF\n' "$(key)" > "$WORK/$2.pdf"               # upload WHO PURPOSE
           call "$BASE/files/" -H "Authorization: Token ${!1}" -H "Idempotency-Key: $(key)" \
             -F "purpose=$2" -F "file=@$WORK/$2.pdf" | field id; }
version() { get "$1" "$2" | field version; }           # every act names the version its caller has seen
act()    { api "$1" "$CONTRACT$2/" "{\"version\": $(version "$1" "$CONTRACT")${3:+, $3}}" |
             field number state_label | sed "s/\$/  ($1 $2)/"; }                        # act WHO WHAT [MORE]
pay()    { local order                                                                  # pay deposit|balance
           order=payments/$(get EO "payments/?contract=$ID&kind=$1" | field results.0.id)/
           api EO "${order}report/" "{\"version\": $(version EO "$order"), \"bank_serial\": \"DEMO-$(key)\",
             \"paid_at\": \"$(now)\", \"receipt\": \"$(upload EO receipt)\"}" | field kind_label amount state_label
           api PO "${order}confirm/" "{\"version\": $(version PO "$order")}" | field kind_label amount state_label; }

# 1. A token for each of four people: agent and signatory of the enterprise (EO, EL) and of the provider (PO, PL).
EO=$(token enterprise-agent)
EL=$(token enterprise-signatory)
PO=$(token provider-agent)
PL=$(token provider-signatory)

# 2. The enterprise drafts: a 诊断 product at 12,500.00 元, of which it chooses to pay 9,000.00 by voucher (V).
ENTERPRISE=$(get EO enterprises/ | field results.0.id)
PRODUCT=$(get EO 'products/?category=diagnosis&state=on_shelf' | field results.0.id)
ID=$(api EO contracts/ "{\"enterprise\": \"$ENTERPRISE\", \"product\": \"$PRODUCT\",
  \"amount\": \"12500.00\", \"tax\": \"707.55\", \"voucher\": \"9000.00\",
  \"start_date\": \"$(day 0)\", \"end_date\": \"$(day 60)\",
  \"milestones\": [{\"title\": \"提交诊断报告\", \"due_date\": \"$(day 50)\"}]}" | field id)
CONTRACT=contracts/$ID/
get EO "${CONTRACT}voucher/explain/" | field result smallest_bound.label    # the most V may be, and which bound says so

# 3. Both agree. Starting to sign sets V aside on quota, provider cap and budget. Both signatories sign.
act EO agree
act PO agree
act EO start-signing
act EL sign
act PL sign

# 4. The enterprise pays the deposit (20 %) to the provider and records it with its receipt; the provider confirms.
pay deposit

# 5. The provider performs: evidence for the milestone, delivery with what was reached of each agreed indicator. The
#    enterprise's signatory accepts.
act PO evidence "\"milestone\": 1, \"files\": [\"$(upload PO evidence)\"], \"note\": \"诊断报告\""
act PO deliver '"note": "诊断报告已提交", "indicators": [{"seq": 1, "reached": "覆盖12道工序，见诊断报告"}]'
act EL accept

# 6. The balance: 12,500.00 − 2,500.00 − 9,000.00 = 1,000.00. Then both sign the 服务确认书, the enterprise rates.
pay balance
act PL sign-confirmation '"content": "已完成数字化转型诊断并交付报告"'
act EL countersign-confirmation '"ratings": {"quality": 5, "competence": 5, "timeliness": 4, "communication": 5, "value": 4}'

# 7. The provider claims V: the claim is filled in already, its checklist says that nothing is missing.
CLAIM=claims/$(api PO claims/ "{\"contract\": \"$ID\"}" | field id)/
get PL "${CLAIM}preflight/" | field ready missing
api PL "${CLAIM}submit/" "{\"version\": $(version PL "$CLAIM")}" | field number requested state_label
