#!/usr/bin/env bats
# What the documents point to exists.

setup() { ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd); }

@test "relative links and pictures of all documents lead somewhere" {
  local file target bad=0 seen=0
  cd "$ROOT"
  for file in *.md docs/*.md tests/*/*.md; do
    [[ -e $file ]] || continue
    while IFS= read -r target; do
      seen=$((seen + 1))
      [[ -e $(dirname "$file")/${target%%#*} ]] || { echo "$file: $target"; bad=1; }
    done < <(grep -oE '\]\([^)#][^)]*\)|src="[^"]+"' "$file" | sed -E 's/^\]\(//; s/\)$//; s/^src="//; s/"$//' |
      grep -vE '^(https?|mailto):')
  done
  [ "$seen" -gt 5 ]
  [ "$bad" -eq 0 ]
}

@test "the ./run commands that the documents name exist" {
  local word
  cd "$ROOT"
  while read -r word; do
    echo "./run $word"
    ./run "$word" --help >/dev/null </dev/null
  done < <(grep -ohE '\./run [a-z]+' README.md docs/*.md tests/*/*.md | cut -d' ' -f2 | sort -u)
}
